import type { ReactNode } from "react";
import styles from "./field.module.css";

/** What is wrong with the field above, in a sentence. */
export function ProblemLine({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <p id={id} className={styles.problem} data-problem-spot>
      {children}
    </p>
  );
}
