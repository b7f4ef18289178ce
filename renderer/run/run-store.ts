import { createStore, type StoreApi } from "zustand/vanilla";
import type { ErrorPayload } from "../../common/errors.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { HostEvent } from "../../protocol/contract.ts";
import { fromWireError } from "../../protocol/errors.ts";
import type { Host } from "../../protocol/host.ts";
import type { RunPriority } from "../../protocol/runs.ts";
import { noMemory, type RunMemory } from "./run-memory.ts";
import { initialRunState, type Result, type RunState, recalled, reduceRun, rememberedNodes } from "./run-state.ts";

/** Starts and cancels runs of the open workflow and keeps their state, fed by the host's events. */
export interface RunStore extends StoreApi<RunState> {
  /** Resolves with the id of the run; `undefined` when it could not be started, which the state tells. */
  start(document: WorkflowDocument, targets?: string[], priority?: RunPriority): Promise<string | undefined>;
  /** Cancels the run that goes on, or the one that is starting. */
  cancel(): Promise<void>;
  /** Cancels all that runs and waits, and ends every series. */
  cancelAll(): Promise<void>;
  /** Whoever starts several runs one after the other asks before each what this returns: whether they are still wanted. */
  beginSeries(): () => boolean;
  /** What is still to come of any series is not wanted any more. */
  endSeries(): void;
  /** What a run of this window was started with (without a run: the last one); undefined where that is not known any more. */
  startedAs(runId?: string): Started | undefined;
  receive(event: HostEvent): void;
  /** Adds what the workflow made earlier, the latest first, behind what this tab knows; nodes show it as of an earlier run. */
  recall(found: readonly Result[]): void;
  dismissFailure(): void;
}

interface Started {
  readonly document: WorkflowDocument;
  /** undefined for all of the workflow */
  readonly targets: string[] | undefined;
}

/** Runs whose document is kept, to run it once more as it was. */
const KEPT_STARTS = 20;

/** How long the end of a run may take to arrive after the queue has dropped it. */
const END_MAY_TAKE_MS = 2_000;

const RUN_LOST: ErrorPayload = {
  code: "run-lost",
  message: "The run ended while this window could not see it.",
  help: "What it saved is in the gallery. Run the workflow again if the picture is missing.",
};

/**
 * A window that is loaded again goes on with the runs that `memory` says are its own: the host tells every new subscriber
 * the story of the run so far. `isLong` knows nodes that take most of the time before they have said so.
 */
export function createRunStore(
  host: Pick<Host, "rpc">,
  memory: RunMemory = noMemory,
  isLong: (nodeId: string) => boolean = () => false,
): RunStore {
  const { own: remembered, results } = memory.read();
  const store = createStore<RunState>(() => ({
    ...initialRunState,
    results,
    nodes: rememberedNodes(results),
    waiting: remembered,
    phase: remembered.length > 0 ? "starting" : "idle",
  }));
  /** Runs that this window started; events of other windows' runs do not touch its nodes. */
  const own = new Set<string>(remembered);
  let queue: Pick<Extract<HostEvent, { type: "queue" }>, "running" | "waiting"> = { running: null, waiting: [] };
  const isQueued = (id: string) => id === queue.running || queue.waiting.includes(id);
  const isBehind = () => queue.running !== null && !own.has(queue.running) && queue.waiting.some((id) => own.has(id));
  const remember = () => memory.write({ own: [...own], results: store.getState().results });
  let cancelWanted = false;
  /** Events can arrive before the answer that says which run they belong to. */
  let early: Extract<HostEvent, { type: "run" }>[] = [];
  let startsPending = 0;
  let seriesEnded = 0;
  /** The last ones, in order. */
  const starts = new Map<string, Started>();

  const cancelRun = async (runId: string) => {
    await host.rpc.runs.cancel({ runId });
  };

  const receiveRun = (hostEvent: Extract<HostEvent, { type: "run" }>) => {
    const { event } = hostEvent;
    if (own.has(event.runId)) store.setState((state) => settle(reduceRun(state, event, isLong)));
    else if (startsPending > 0) early.push(hostEvent);
    if (event.type === "run-finished" && own.delete(event.runId)) remember();
  };

  /** The queue is the truth about what is still to come: what it does not know has ended, seen or unseen. */
  const receiveQueue = ({ running, waiting }: Extract<HostEvent, { type: "queue" }>) => {
    queue = { running, waiting };
    store.setState({ waiting: waiting.filter((id) => own.has(id)), isBehind: isBehind() });
    const gone = [...own].filter((id) => !isQueued(id));
    if (gone.length > 0) setTimeout(() => giveUp(gone), END_MAY_TAKE_MS);
  };

  const giveUp = (runIds: readonly string[]) => {
    const lost = runIds.filter((id) => !isQueued(id) && own.delete(id));
    if (lost.length === 0) return;
    store.setState((state) => ({
      waiting: state.waiting.filter((id) => own.has(id)),
      ...(own.size === 0 ? { phase: "idle" as const, runId: undefined, failure: RUN_LOST } : {}),
      nodes: stopped(state.nodes),
    }));
    remember();
  };

  /** While another run waits or is on its way to the host, the window stays busy. */
  const settle = (state: RunState): RunState =>
    state.phase === "idle" && (state.waiting.length > 0 || startsPending > 0) ? { ...state, phase: "starting" } : state;

  return Object.assign(store, {
    startedAs: (runId?: string) => (runId === undefined ? [...starts.values()].at(-1) : starts.get(runId)),
    async start(document: WorkflowDocument, targets?: string[], priority?: RunPriority) {
      if (store.getState().phase === "idle") store.setState({ phase: "starting", failure: undefined, last: undefined });
      cancelWanted = false;
      startsPending++;
      try {
        const { runId } = await host.rpc.runs.start({
          document,
          ...(targets ? { targets } : {}),
          ...(priority ? { priority } : {}),
        });
        own.add(runId);
        starts.set(runId, { document, targets });
        for (const old of [...starts.keys()].slice(0, -KEPT_STARTS)) starts.delete(old);
        remember();
        store.setState((state) => ({ waiting: [...state.waiting, runId], isBehind: isBehind() }));
        const events = early;
        early = [];
        for (const event of events) receiveRun(event);
        if (cancelWanted && own.has(runId)) await cancelRun(runId);
        return runId;
      } catch (error) {
        store.setState({ failure: fromWireError(error).toPayload() });
        return undefined;
      } finally {
        startsPending--;
        if (startsPending === 0) early = [];
        const { runId, waiting } = store.getState();
        if (runId === undefined && waiting.length === 0 && startsPending === 0) store.setState({ phase: "idle" });
      }
    },
    async cancel() {
      const { runId, waiting } = store.getState();
      const target = runId ?? waiting[0];
      store.setState({ phase: "cancelling" });
      if (!target) {
        cancelWanted = true;
        return;
      }
      try {
        await cancelRun(target);
      } catch (error) {
        store.setState({ phase: "running", failure: fromWireError(error).toPayload() });
      }
    },
    async cancelAll() {
      const { runId, waiting } = store.getState();
      this.endSeries();
      try {
        for (const id of waiting) await cancelRun(id);
        if (runId) await this.cancel();
      } catch (error) {
        store.setState({ failure: fromWireError(error).toPayload() });
      }
    },
    beginSeries() {
      const before = seriesEnded;
      return () => seriesEnded === before;
    },
    endSeries() {
      seriesEnded++;
      // One may be on its way to the host.
      if (startsPending > 0) cancelWanted = true;
    },
    receive(event: HostEvent) {
      if (event.type === "run") receiveRun(event);
      if (event.type === "queue") receiveQueue(event);
    },
    recall(found: readonly Result[]) {
      if (found.length > 0) store.setState((state) => recalled(state, found));
    },
    dismissFailure() {
      store.setState({ failure: undefined });
    },
  });
}

/** What was on its way is not any more; pictures stay. */
function stopped(nodes: RunState["nodes"]): RunState["nodes"] {
  return new Map(
    [...nodes].map(([id, node]) => [
      id,
      node.phase === "running" || node.phase === "queued"
        ? { phase: "stopped" as const, images: node.images, warnings: node.warnings }
        : node,
    ]),
  );
}
