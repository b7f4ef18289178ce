import { ListPlus, Play, Square } from "lucide-react";
import { useRef } from "react";
import { formatDuration } from "../i18n/format.ts";
import { useText } from "../i18n/use-text.ts";
import { runProgress } from "../run/run-state.ts";
import { cancel, run } from "../session/actions.ts";
import { useHost, useRun, useSession } from "../session/context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Tooltip } from "../ui/tooltip.tsx";
import styles from "./shell.module.css";
import { shortcutLabel } from "./shortcuts.ts";

/** Run when idle; while a run goes on: how far it is, Cancel, and one more run behind it. */
export function RunControls() {
  const session = useSession();
  const text = useText();
  const phase = useRun((state) => state.phase);
  const waiting = useRun((state) => state.waiting.length);
  const percent = useRun((state) => Math.round(runProgress(state) * 100));
  const connected = useHost((state) => state.connected);
  const remaining = useRemaining(
    useRun((state) => state.runId),
    percent,
  );

  if (phase === "idle") {
    return (
      <Tooltip label={text("run.runHelp")} shortcut={shortcutLabel("run.start")}>
        <Button tone="primary" className={styles.run} disabled={!connected} onClick={() => void run(session)}>
          <Play size={14} fill="currentColor" />
          {text("run.run")}
        </Button>
      </Tooltip>
    );
  }
  return (
    <section className={styles.running} aria-label={text("run.state")}>
      <div
        className={styles.runProgress}
        role="progressbar"
        aria-label={text("run.progress")}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <div className={styles.runBar} style={{ width: `${percent}%` }} />
        <span className={styles.runText}>
          {phase === "running"
            ? `${percent}%${remaining}`
            : text(phase === "starting" ? "run.starting" : "run.cancelling")}
          {waiting > 0 && phase === "running" && <span> · {text("run.waiting", { count: waiting })}</span>}
        </span>
      </div>
      <IconButton
        label={text("run.queueAnother")}
        shortcut={shortcutLabel("run.start")}
        onClick={() => void run(session)}
      >
        <ListPlus size={16} />
      </IconButton>
      <Tooltip label={text("run.cancelHelp")} shortcut={shortcutLabel("run.cancel")}>
        <Button className={styles.cancel} disabled={phase === "cancelling"} onClick={() => void cancel(session)}>
          <Square size={12} fill="currentColor" />
          {text("run.cancel")}
        </Button>
      </Tooltip>
    </section>
  );
}

/** Too early an estimate would be wrong, too short a rest is not worth reading. */
const ESTIMATE_FROM_PERCENT = 10;
const ESTIMATE_FROM_MS = 3_000;

/** ` · 12.0 s` to go, judged by how long the run took so far. */
function useRemaining(runId: string | undefined, percent: number): string {
  const started = useRef({ runId, at: 0, percent: 0 });
  if (started.current.runId !== runId) started.current = { runId, at: Date.now(), percent };
  const done = percent - started.current.percent;
  if (runId === undefined || done < ESTIMATE_FROM_PERCENT) return "";
  const rest = ((Date.now() - started.current.at) / done) * (100 - percent);
  return rest < ESTIMATE_FROM_MS ? "" : ` · ${formatDuration(rest)}`;
}
