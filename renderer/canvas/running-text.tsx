import { useText } from "../i18n/use-text.ts";
import type { NodeRun } from "../run/run-state.ts";
import { progressLabel } from "./progress-label.ts";
import styles from "./running-text.module.css";

/** What a running node says of itself: the text that it is writing, the part that it is at. The newest words stay in sight. */
export function RunningText({ run }: { run: NodeRun | undefined }) {
  const text = useText();
  const label = run?.phase === "running" ? progressLabel(text, run.progress) : undefined;
  if (!label) return null;
  return (
    <div className={styles.text}>
      <p>{label}</p>
    </div>
  );
}
