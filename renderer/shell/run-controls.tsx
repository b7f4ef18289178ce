import { CircleAlert, ListOrdered, ListPlus, Play, Repeat, Square } from "lucide-react";
import { useId, useState } from "react";
import { useStore } from "zustand";
import { formatEstimate } from "../i18n/format.ts";
import { useText } from "../i18n/use-text.ts";
import { isWorthReading, timeLeftMs } from "../run/time-left.ts";
import { cancel } from "../session/actions.ts";
import { useDocument, useHost, useRun, useSession, useSettings } from "../session/context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Tooltip } from "../ui/tooltip.tsx";
import { useNow } from "../ui/use-now.ts";
import { runCommand } from "./commands.ts";
import styles from "./shell.module.css";
import { shortcutLabel } from "./shortcuts.ts";

/** Opens the queue, and says how many runs wait in it. */
export function QueueButton() {
  const { queue, settings } = useSession();
  const text = useText();
  const waiting = useStore(queue, (state) => state.waiting);
  const isOpen = useSettings((state) => state.queueOpen);
  return (
    <span className={styles.queueButton}>
      <IconButton
        label={
          waiting > 0
            ? text.series([text("queue.title"), text("run.waiting", { count: waiting })])
            : text("queue.title")
        }
        shortcut={shortcutLabel("view.queue")}
        aria-pressed={isOpen}
        onClick={() => settings.setState({ queueOpen: !isOpen })}
      >
        <ListOrdered size={16} />
      </IconButton>
      {waiting > 0 && (
        <span className={styles.badge} aria-hidden="true">
          {waiting > 99 ? "99+" : waiting}
        </span>
      )}
    </span>
  );
}

/** Run when idle; while a run goes on: how far it is, Cancel, and one more run behind it. The form has these below its fields. */
export function RunControls() {
  const session = useSession();
  const text = useText();
  const phase = useRun((state) => state.phase);
  const waiting = useRun((state) => state.waiting.length);
  const isBehind = useRun((state) => state.isBehind);
  const percent = useRun((state) => Math.round(state.progress * 100));
  const connected = useHost((state) => state.connected);
  const autoRun = useSettings((state) => state.autoRun);
  const face = useStore(session.face, (state) => state.face);
  // Also of notes alone.
  const isEmpty = useDocument(({ document, definitionOf }) =>
    document.nodes.every((node) => definitionOf(node.type)?.isAnnotation === true),
  );
  const errors = useStore(session.issues, (state) => state.errors);
  const isBlocked = errors > 0 && !isEmpty;
  const blocked = text("run.blocked", { count: errors });
  const blockedId = useId();
  const auto = (
    <IconButton
      label={text("run.auto")}
      aria-pressed={autoRun}
      className={autoRun ? styles.autoOn : undefined}
      onClick={() => runCommand(session, "run.auto")}
    >
      <Repeat size={16} />
    </IconButton>
  );

  if (face === "app") return auto;
  if (phase === "idle") {
    return (
      <>
        {auto}
        <div className={styles.runGroup}>
          <RunCount />
          <Tooltip
            label={isEmpty ? text("run.empty") : isBlocked ? blocked : text("run.runHelp")}
            shortcut={shortcutLabel("run.start")}
          >
            <Button
              tone={isBlocked ? "plain" : "primary"}
              className={isBlocked ? `${styles.run} ${styles.runBlocked}` : styles.run}
              disabled={!connected}
              // Not disabled: its tooltip and its message say why there is nothing to run.
              aria-disabled={isEmpty || undefined}
              aria-describedby={isBlocked ? blockedId : undefined}
              onClick={() => runCommand(session, "run.start")}
            >
              {/* Pressed, it goes to what is wrong. */}
              {isBlocked ? (
                <CircleAlert size={14} className={styles.blocked} />
              ) : (
                <Play size={14} fill="currentColor" />
              )}
              {text("run.run")}
            </Button>
          </Tooltip>
          {isBlocked && (
            <span id={blockedId} hidden>
              {blocked}
            </span>
          )}
        </div>
      </>
    );
  }
  return (
    <>
      {auto}
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
            {phase === "running" && `${percent}%`}
            {phase === "starting" && (isBehind ? text("run.waiting", { count: waiting }) : text("run.starting"))}
            {phase === "cancelling" && text("run.cancelling")}
            {phase === "running" && <TimeLeft />}
            {waiting > 0 && phase === "running" && <span> · {text("run.waiting", { count: waiting })}</span>}
          </span>
        </div>
        <IconButton
          label={text("run.queueAnother")}
          shortcut={shortcutLabel("run.start")}
          onClick={() => runCommand(session, "run.start")}
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
    </>
  );
}

const MOST_RUNS = 100;

/** How many runs one press queues. */
export function RunCount({ className = styles.runCount }: { className?: string | undefined }) {
  const { settings } = useSession();
  const text = useText();
  const count = useSettings((state) => state.runCount);
  const [typed, setTyped] = useState<string | undefined>();
  const take = (value: string) => {
    const number = Math.round(Number(value));
    if (number >= 1) settings.setState({ runCount: Math.min(number, MOST_RUNS) });
    setTyped(undefined);
  };
  return (
    <input
      type="number"
      className={className}
      aria-label={text("run.count")}
      title={text("run.count")}
      min={1}
      max={MOST_RUNS}
      value={typed ?? count}
      onChange={(event) => {
        setTyped(event.target.value);
        if (event.target.value !== "") take(event.target.value);
      }}
      onBlur={(event) => take(event.target.value)}
    />
  );
}

/** ` · 12 s left` */
export function TimeLeft() {
  const text = useText();
  const left = timeLeftMs(
    useRun((state) => state.pace),
    useNow(),
  );
  return isWorthReading(left) ? <span> · {text("run.left", { duration: formatEstimate(left) })}</span> : null;
}
