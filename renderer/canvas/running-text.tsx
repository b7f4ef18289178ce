import type { NodeRun } from "../run/run-state.ts";
import styles from "./running-text.module.css";

/** What a running node says of itself: the text that it is writing, the part that it is at. The newest words stay in sight. */
export function RunningText({ run }: { run: NodeRun | undefined }) {
  const label = run?.phase === "running" ? run.progress?.label : undefined;
  if (!label) return null;
  return (
    <div className={styles.text}>
      <p>{label}</p>
    </div>
  );
}
