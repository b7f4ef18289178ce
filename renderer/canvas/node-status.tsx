import { Ban, Check, CircleAlert, Clock, EyeOff, LoaderCircle, Zap } from "lucide-react";
import type { WorkflowNode } from "../../graph/document.ts";
import { formatBytes, formatDuration } from "../i18n/format.ts";
import { type Text, useText } from "../i18n/use-text.ts";
import type { NodeRun } from "../run/run-state.ts";
import styles from "./node.module.css";
import { progressLabel } from "./progress-label.ts";

/** A process's memory goes up and down by less than this without any reason of the node's. */
const WORTH_SAYING_BYTES = 1_000_000;

/** What the node does at the moment, in the corner of its header. */
export function NodeStatus({ node, run }: { node: WorkflowNode; run: NodeRun | undefined }) {
  const text = useText();
  if (node.mode !== "active") {
    const Icon = node.mode === "muted" ? EyeOff : Ban;
    return (
      <span className={styles.status}>
        <Icon size={13} />
        {text(node.mode === "muted" ? "node.muted" : "node.bypassed")}
      </span>
    );
  }
  switch (run?.phase) {
    case "queued":
      return (
        <span className={styles.status}>
          <Clock size={13} />
          {text("node.queued")}
        </span>
      );
    case "running":
      return (
        <span className={styles.status} data-tone="accent">
          <LoaderCircle size={13} className={styles.spin} />
          {run.progress ? `${run.progress.value}/${run.progress.max}` : text("node.running")}
        </span>
      );
    case "done":
      return (
        <span className={styles.status} title={doneTitle(text, run)}>
          <Check size={13} className={styles.ok} />
          {run.durationMs === undefined ? text("node.done") : formatDuration(run.durationMs)}
          {(run.memoryRiseBytes ?? 0) >= WORTH_SAYING_BYTES && <span> · +{formatBytes(run.memoryRiseBytes ?? 0)}</span>}
        </span>
      );
    case "cached":
      return (
        <span className={styles.status} title={text("node.cachedHelp")}>
          <Zap size={13} />
          {text("node.cached")}
        </span>
      );
    case "failed":
      return (
        <span className={styles.status} data-tone="danger">
          <CircleAlert size={13} />
          {text("node.failed")}
        </span>
      );
    default:
      return null;
  }
}

function doneTitle(text: Text, { memoryBytes, memoryRiseBytes = 0 }: NodeRun): string {
  if (memoryBytes === undefined) return text("node.done");
  const memory = formatBytes(memoryBytes);
  return memoryRiseBytes >= WORTH_SAYING_BYTES
    ? text("node.doneWithRise", { memory, rise: formatBytes(memoryRiseBytes) })
    : text("node.doneWithMemory", { memory });
}

export function ProgressLine({ run }: { run: NodeRun | undefined }) {
  const text = useText();
  if (run?.phase !== "running") return <div className={styles.rule} />;
  const { progress } = run;
  if (!progress) return <div className={styles.rule} data-busy />;
  const percent = Math.round((100 * progress.value) / Math.max(1, progress.max));
  return (
    <div
      className={styles.rule}
      role="progressbar"
      aria-label={progressLabel(text, progress) ?? text("node.progress")}
      aria-valuenow={progress.value}
      aria-valuemin={0}
      aria-valuemax={progress.max}
    >
      <div className={styles.bar} style={{ width: `${percent}%` }} />
    </div>
  );
}
