import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { join } from "./button.tsx";
import styles from "./disclosure.module.css";

/** Something that is shown when its line is pressed. */
export function Disclosure({
  label,
  isOpen = false,
  className,
  children,
}: {
  label: ReactNode;
  /** At first. */
  isOpen?: boolean;
  className?: string | undefined;
  children: ReactNode;
}) {
  return (
    <details className={join(styles.details, className)} open={isOpen}>
      <summary className={styles.summary}>
        <ChevronRight size={14} className={styles.chevron} aria-hidden />
        {label}
      </summary>
      {children}
    </details>
  );
}
