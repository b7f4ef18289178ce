import {
  Ban,
  Check,
  ChevronDown,
  ChevronUp,
  CircleAlert,
  Grid3x3,
  GripVertical,
  ListEnd,
  LoaderCircle,
  LocateFixed,
  MoreHorizontal,
  ScrollText,
  X,
} from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { RunPriority, RunSummary } from "../../protocol/runs.ts";
import { show } from "../app-view/address.ts";
import { formatDuration, formatEstimate, formatTime } from "../i18n/format.ts";
import { problemText } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import { estimateMs } from "../run/queue-store.ts";
import { failedNodeOf, initialRunState, type RunState } from "../run/run-state.ts";
import { isWorthReading, timeLeftMs, untilAllDoneMs } from "../run/time-left.ts";
import { tell } from "../session/actions.ts";
import { useSession } from "../session/context.tsx";
import { showNode } from "../session/look.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Menu, MenuItem, MenuRadioGroup, MenuSeparator } from "../ui/menu.tsx";
import { StoredPicture } from "../ui/stored-picture.tsx";
import { useNow } from "../ui/use-now.ts";
import { useReorder } from "../ui/use-reorder.ts";
import styles from "./queue-panel.module.css";
import { shortcutLabel } from "./shortcuts.ts";

/** What runs, what waits and in which order, and what ended: of this window, of others, and of programs. */
export function QueuePanel() {
  const session = useSession();
  const { queue, settings, workspace } = session;
  const text = useText();
  const runs = useStore(queue, (state) => state.runs);
  useEffect(() => queue.watch(), [queue]);
  const running = runs.filter(({ state }) => state === "running");
  const waiting = runs.filter(({ state }) => state === "waiting");
  const ended = runs.filter(({ state }) => state !== "running" && state !== "waiting");
  const attempt = (action: Promise<void>) => void action.catch((error: unknown) => tell(session, error));
  const clear = () => {
    for (const tab of workspace.getState().tabs) tab.runs.endSeries();
    attempt(queue.clear());
  };

  return (
    <aside className={styles.panel} aria-label={text("queue.title")}>
      <header className={styles.header}>
        <h2>{text("queue.title")}</h2>
        {waiting.length > 0 && (
          <Button tone="quiet" className={styles.clear} onClick={clear}>
            {text("queue.clear")}
          </Button>
        )}
        <IconButton
          label={text("queue.hide")}
          shortcut={shortcutLabel("view.queue")}
          onClick={() => settings.setState({ queueOpen: false })}
        >
          <X size={16} />
        </IconButton>
      </header>
      <div className={styles.body}>
        {runs.length === 0 && (
          <div className={styles.empty}>
            <ListEnd size={20} />
            <p>{text("queue.empty")}</p>
          </div>
        )}
        {running.length > 0 && (
          <section aria-label={text("queue.running")}>
            <h3>{text("queue.running")}</h3>
            <ul>
              {running.map((run) => (
                <RunningRow key={run.runId} run={run} expectedMs={estimateMs(run, runs)} onCancel={attempt} />
              ))}
            </ul>
          </section>
        )}
        {waiting.length > 0 && (
          <section aria-label={text("queue.waiting")}>
            <h3>
              {text("run.waiting", { count: waiting.length })}
              <AllDone running={running} waiting={waiting} runs={runs} />
            </h3>
            <WaitingList running={running[0]} waiting={waiting} runs={runs} attempt={attempt} />
          </section>
        )}
        {ended.length > 0 && (
          <section aria-label={text("queue.history")}>
            <h3>{text("queue.history")}</h3>
            <ul>
              {ended.map((run, index) => (
                <EndedRow key={run.runId} run={run} above={ended[index - 1]} />
              ))}
            </ul>
          </section>
        )}
      </div>
    </aside>
  );
}

type Attempt = (action: Promise<void>) => void;

function RunningRow({
  run,
  expectedMs,
  onCancel,
}: {
  run: RunSummary;
  expectedMs: number | undefined;
  onCancel: Attempt;
}) {
  const { queue } = useSession();
  const text = useText();
  const now = useNow();
  const elapsed = Math.max(0, now - (run.startedAt ?? now));
  const own = useOwnRun(run.runId);
  const share = own?.progress ?? (expectedMs ? Math.min(0.95, elapsed / expectedMs) : 0);
  const left = timeLeftMs(own?.pace, now, { startedAt: run.startedAt, expectedMs });
  return (
    <li className={styles.row} data-state="running">
      <LoaderCircle size={14} className={styles.icon} aria-hidden />
      <div className={styles.words}>
        <span className={styles.name}>{nameOf(text, run)}</span>
        <AboutLine run={run} />
        <span className={styles.detail}>
          {text("queue.since", { duration: formatEstimate(elapsed) })}
          {isWorthReading(left) && ` · ${text("queue.left", { duration: formatEstimate(left) })}`}
        </span>
        <span
          className={styles.bar}
          role="progressbar"
          aria-label={text("run.progress")}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(share * 100)}
        >
          <span style={{ width: `${share * 100}%` }} />
        </span>
      </div>
      <IconButton label={text("run.cancelHelp")} onClick={() => onCancel(queue.cancel(run.runId))}>
        <X size={14} />
      </IconButton>
    </li>
  );
}

/** What this window itself knows of a run that goes on; undefined where another window or a program started it. */
function useOwnRun(runId: string | undefined): RunState | undefined {
  const { workspace } = useSession();
  const own = useStore(workspace, ({ tabs }) => tabs.find(({ runs }) => runs.getState().runId === runId));
  const state = useStore(own?.runs ?? noRun);
  return runId !== undefined && state.runId === runId ? state : undefined;
}
const noRun = createStore<RunState>(() => initialRunState);

/** How long the run that goes on takes in all, by its own pace; undefined before that tells anything. */
function useCurrent(run: RunSummary | undefined, runs: readonly RunSummary[]) {
  const own = useOwnRun(run?.runId);
  const now = useNow();
  if (!run || own?.pace?.endsAt === undefined || run.startedAt === undefined) return undefined;
  const left = timeLeftMs(own.pace, now, { startedAt: run.startedAt, expectedMs: estimateMs(run, runs) });
  return left === undefined ? undefined : { title: run.title, totalMs: Math.max(0, now - run.startedAt) + left };
}

/** When the last one will have ended: the rest of what runs, and all that waits. */
function AllDone({
  running,
  waiting,
  runs,
}: {
  running: readonly RunSummary[];
  waiting: readonly RunSummary[];
  runs: readonly RunSummary[];
}) {
  const text = useText();
  const now = useNow();
  const own = useOwnRun(running[0]?.runId);
  const current = useCurrent(running[0], runs);
  const left = running.map((run) =>
    timeLeftMs(own?.runId === run.runId ? own.pace : undefined, now, {
      startedAt: run.startedAt,
      expectedMs: estimateMs(run, runs),
    }),
  );
  const total = untilAllDoneMs(
    left,
    waiting.map((run) => estimateMs(run, runs, current)),
  );
  return total === undefined ? null : <span> · {text("queue.allDone", { duration: formatEstimate(total) })}</span>;
}

function WaitingList({
  running,
  waiting,
  runs,
  attempt,
}: {
  running: RunSummary | undefined;
  waiting: readonly RunSummary[];
  runs: readonly RunSummary[];
  attempt: Attempt;
}) {
  const { queue } = useSession();
  const text = useText();
  const list = useRef<HTMLOListElement>(null);
  const [said, say] = useState("");
  const current = useCurrent(running, runs);
  const move = (runId: string, index: number) => {
    const place = Math.max(0, Math.min(index, waiting.length - 1));
    attempt(queue.move(runId, place));
    say(text("queue.moved", { place: place + 1, count: waiting.length }));
  };
  const reorder = useReorder("y", move);
  const focusRow = (index: number) => {
    const rows = list.current?.querySelectorAll<HTMLElement>("[data-item]");
    rows?.[Math.max(0, Math.min(index, rows.length - 1))]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent, run: RunSummary, index: number) => {
    if (event.target !== event.currentTarget) return;
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (by !== 0) {
      event.preventDefault();
      if (event.altKey) {
        const row = event.currentTarget;
        move(run.runId, index + by);
        // An element that changes its place in the page loses the focus.
        requestAnimationFrame(() => row instanceof HTMLElement && row.focus());
      } else focusRow(index + by);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      attempt(queue.cancel(run.runId));
      focusRow(index + 1 < waiting.length ? index + 1 : index - 1);
    }
  };
  return (
    <>
      <ol ref={list} {...reorder}>
        {waiting.map((run, index) => (
          <li
            key={run.runId}
            className={styles.row}
            data-item={run.runId}
            data-state="waiting"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: rows are moved and removed by keyboard
            tabIndex={0}
            aria-label={text("queue.row", { name: nameOf(text, run), place: index + 1, count: waiting.length })}
            aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Delete"
            onKeyDown={(event) => onKeyDown(event, run, index)}
          >
            <GripVertical size={14} className={styles.grip} />
            <div className={styles.words}>
              <RunName run={run} above={waiting[index - 1]} />
              <AboutLine run={run} />
              <span className={styles.detail}>
                {run.priority !== "normal" && `${text(`queue.priority.${run.priority}`)} · `}
                {aboutOf(text, run, estimateMs(run, runs, current))}
              </span>
            </div>
            <span className={styles.tools}>
              <IconButton label={text("queue.up")} disabled={index === 0} onClick={() => move(run.runId, index - 1)}>
                <ChevronUp size={14} />
              </IconButton>
              <IconButton
                label={text("queue.down")}
                disabled={index === waiting.length - 1}
                onClick={() => move(run.runId, index + 1)}
              >
                <ChevronDown size={14} />
              </IconButton>
              <Menu
                align="end"
                trigger={
                  <button type="button" className={styles.more} aria-label={text("queue.more")}>
                    <MoreHorizontal size={14} />
                  </button>
                }
              >
                <MenuItem onClick={() => move(run.runId, 0)}>{text("queue.first")}</MenuItem>
                <MenuSeparator />
                <MenuRadioGroup<RunPriority>
                  label={text("queue.priority.label")}
                  value={run.priority}
                  onChange={(priority) => attempt(queue.prioritise(run.runId, priority))}
                  options={(["high", "normal", "low"] as const).map((value) => ({
                    value,
                    label: text(`queue.priority.${value}`),
                  }))}
                />
                <MenuSeparator />
                <MenuItem onClick={() => attempt(queue.cancel(run.runId))}>{text("queue.remove")}</MenuItem>
              </Menu>
            </span>
          </li>
        ))}
      </ol>
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </>
  );
}

const ENDED_ICONS = { done: Check, failed: CircleAlert, cancelled: Ban } as const;
const THUMBNAIL_PX = 96;
const MOST_PICTURES = 4;

function EndedRow({ run, above }: { run: RunSummary; above: RunSummary | undefined }) {
  const { host, view, sweeps, workspace } = useSession();
  const text = useText();
  // Only this window's own tabs have the node.
  const failed = workspace.getState().tabs.flatMap((tab) => {
    const nodeId = run.state === "failed" ? failedNodeOf(tab.runs.getState(), run.runId) : undefined;
    return nodeId === undefined ? [] : [{ tab, nodeId }];
  })[0];
  const isOfSweep = useStore(sweeps, ({ labelOf }) => labelOf.has(run.runId));
  const failure = run.error && problemText(text, run.error);
  const state = run.state === "done" || run.state === "failed" ? run.state : "cancelled";
  const Icon = ENDED_ICONS[state];
  const { startedAt, finishedAt } = run;
  // As the log says; of a run that is from before this was kept, with all that was around it.
  const took = run.tookMs ?? (startedAt !== undefined && finishedAt !== undefined ? finishedAt - startedAt : undefined);
  return (
    <li className={styles.row} data-state={state}>
      <Icon size={14} className={styles.icon} aria-label={text(`queue.state.${state}`)} />
      <div className={styles.words}>
        <RunName run={run} above={above} />
        <AboutLine run={run} />
        <span className={styles.detail} title={failure?.help}>
          {failure?.message ??
            [
              text(`queue.state.${state}`),
              // One that was taken back while it waited took no time.
              ...(took === undefined || (state === "cancelled" && took === 0) ? [] : [formatDuration(took)]),
              ...(finishedAt === undefined ? [] : [timeText(finishedAt)]),
            ].join(" · ")}
        </span>
      </div>
      {run.images.slice(0, MOST_PICTURES).map((image) => (
        <button
          key={image.hash}
          type="button"
          className={styles.picture}
          aria-label={text("viewer.open", { width: image.width, height: image.height })}
          onClick={() => view.setState({ viewerHash: image.hash })}
        >
          <StoredPicture src={host.imageUrl(image.hash, { thumbnail: THUMBNAIL_PX })} alt="" loading="lazy" />
        </button>
      ))}
      {failed && (
        <IconButton
          label={text("run.showNode")}
          onClick={() => {
            workspace.activate(failed.tab.id);
            show(workspace, "graph");
            showNode(failed.tab, failed.nodeId);
          }}
        >
          <LocateFixed size={14} />
        </IconButton>
      )}
      {isOfSweep && (
        <IconButton label={text("sweep.showCell")} onClick={() => sweeps.show({ runId: run.runId })}>
          <Grid3x3 size={14} />
        </IconButton>
      )}
      <IconButton label={text("log.show")} onClick={() => view.setState({ logOf: run.runId })}>
        <ScrollText size={14} />
      </IconButton>
    </li>
  );
}

/** The workflow; seen once where several runs of it follow each other and something else tells them apart. */
function RunName({ run, above }: { run: RunSummary; above: RunSummary | undefined }) {
  const text = useText();
  const name = nameOf(text, run);
  const isTold = above !== undefined && name === nameOf(text, above);
  const isKnown = useAbout(run) !== "" && isTold;
  return <span className={isKnown ? "visually-hidden" : styles.name}>{name}</span>;
}

/** What tells a run from others of its workflow: in a matrix its values, else its seed and how its prompt begins. */
function useAbout({ runId, prompt, seed }: RunSummary): string {
  const { sweeps } = useSession();
  const text = useText();
  const values = useStore(sweeps, ({ labelOf }) => labelOf.get(runId));
  return values ?? [seed !== undefined && text("viewer.seed", { seed }), prompt].filter(Boolean).join(" · ");
}

function AboutLine({ run }: { run: RunSummary }) {
  const label = useAbout(run);
  return label === "" ? null : (
    <span className={styles.values} title={label}>
      {label}
    </span>
  );
}

type Text = ReturnType<typeof useText>;

/** There is little room beside the buttons of a row; its log has the seconds. The day is said when it is another one. */
function timeText(ms: number): string {
  const time = new Date(ms);
  const isToday = time.toDateString() === new Date().toDateString();
  return formatTime(time, { ...(isToday ? {} : { dateStyle: "short" }), timeStyle: "short" });
}

function nameOf(text: Text, { title, origin }: RunSummary): string {
  return title || text("queue.program", { name: origin });
}

function aboutOf(text: Text, { createdAt }: RunSummary, ms: number | undefined): string {
  const queuedAt = text("queue.queuedAt", { time: timeText(createdAt) });
  return ms === undefined ? queuedAt : `${text("queue.about", { duration: formatEstimate(ms) })} · ${queuedAt}`;
}
