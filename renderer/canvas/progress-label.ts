import type { Text } from "../i18n/use-text.ts";
import type { NodeRun } from "../run/run-state.ts";

/** What a running node says of itself, in the language of the interface where it is Heddle that says it. */
export function progressLabel(text: Text, progress: NodeRun["progress"]): string | undefined {
  return progress?.labelCode ? text(`node.label_${progress.labelCode}`) : progress?.label;
}
