import { createStore, type StoreApi } from "zustand/vanilla";
import type { HostEvent } from "../../protocol/contract.ts";
import type { Host } from "../../protocol/host.ts";
import type { RunPriority, RunSummary } from "../../protocol/runs.ts";

/** The host's queue, as far as somebody looks at it. */
export interface QueueState {
  /** How many runs wait, of all windows and programs. */
  readonly waiting: number;
  /** What runs, what waits in its order, then what ended, the latest first. */
  readonly runs: readonly RunSummary[];
}

export interface QueueStore extends StoreApi<QueueState> {
  receive(event: HostEvent): void;
  /** Keeps `runs` up to date until the returned function is called. */
  watch(): () => void;
  move(runId: string, index: number): Promise<void>;
  prioritise(runId: string, priority: RunPriority): Promise<void>;
  cancel(runId: string): Promise<void>;
  /** Cancels what windows have waiting. */
  clear(): Promise<void>;
}

/** How many runs that ended are shown. */
const HISTORY = 60;
/** A queue that changes all the time is asked for this often. */
const REFRESH_MS = 150;

export function createQueueStore({ rpc }: Pick<Host, "rpc">): QueueStore {
  const store = createStore<QueueState>(() => ({ waiting: 0, runs: [] }));
  let watchers = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;

  const refresh = async () => {
    const request = ++latest;
    try {
      const runs = await rpc.runs.list({ finished: HISTORY });
      // An answer that was overtaken says what was.
      if (request === latest) store.setState({ runs });
    } catch {
      // The banner tells that the connection is lost; the next event asks again.
    }
  };
  const refreshSoon = () => {
    if (watchers === 0 || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      void refresh();
    }, REFRESH_MS);
  };

  return Object.assign(store, {
    receive(event: HostEvent) {
      if (event.type === "queue") store.setState({ waiting: event.waiting.length });
      if (event.type === "queue" || (event.type === "run" && event.event.type === "run-finished")) refreshSoon();
    },
    watch() {
      watchers++;
      void refresh();
      return () => {
        watchers--;
      };
    },
    async move(runId: string, index: number) {
      store.setState(({ runs }) => ({ runs: moved(runs, runId, index) }));
      latest++;
      await rpc.runs.move({ runId, index }).finally(refresh);
    },
    async prioritise(runId: string, priority: RunPriority) {
      await rpc.runs.prioritise({ runId, priority }).finally(refresh);
    },
    async cancel(runId: string) {
      await rpc.runs.cancel({ runId }).finally(refreshSoon);
    },
    async clear() {
      await rpc.runs.clear().finally(refreshSoon);
    },
  });
}

/** The list with a waiting run at another place among those that wait. */
export function moved(runs: readonly RunSummary[], runId: string, index: number): readonly RunSummary[] {
  const waiting = runs.filter(({ state }) => state === "waiting");
  const from = waiting.findIndex((run) => run.runId === runId);
  const run = waiting[from];
  if (!run) return runs;
  const order = waiting.toSpliced(from, 1).toSpliced(index, 0, run);
  return [
    ...runs.filter(({ state }) => state === "running"),
    ...order,
    ...runs.filter(({ state }) => state !== "running" && state !== "waiting"),
  ];
}

/** A run that ended sooner computed nothing: what it gives was known already. */
const COMPUTED_FROM_MS = 100;

/**
 * How long a run will take, in ms: judged by those of the same workflow that ended well, else by all. Runs that computed
 * nothing say nothing about one that does. `current` is a run that goes on, as its own pace tells: of the same workflow, it knows
 * best.
 */
export function estimateMs(
  run: Pick<RunSummary, "title">,
  runs: readonly RunSummary[],
  current?: { readonly title: string; readonly totalMs: number },
): number | undefined {
  if (current?.title === run.title) return current.totalMs;
  const done = runs.flatMap((other) =>
    other.state === "done" && other.startedAt !== undefined && other.finishedAt !== undefined
      ? [{ title: other.title, ms: other.finishedAt - other.startedAt }]
      : [],
  );
  const computed = done.filter(({ ms }) => ms >= COMPUTED_FROM_MS);
  const same = computed.filter(({ title }) => title === run.title);
  return median((same.length > 0 ? same : computed).slice(0, RECENT).map(({ ms }) => ms));
}

const RECENT = 5;

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
