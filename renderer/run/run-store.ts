import { createStore, type StoreApi } from "zustand/vanilla";
import type { ErrorPayload } from "../../common/errors.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { HostEvent } from "../../protocol/contract.ts";
import { fromWireError } from "../../protocol/errors.ts";
import type { Host } from "../../protocol/host.ts";
import { initialRunState, type RunState, reduceRun } from "./run-state.ts";

/** Starts and cancels runs of the open workflow and keeps their state, fed by the host's events. */
export interface RunStore extends StoreApi<RunState> {
  start(document: WorkflowDocument, targets?: string[]): Promise<void>;
  /** Cancels the run that goes on, or the one that is starting. */
  cancel(): Promise<void>;
  cancelAll(): Promise<void>;
  receive(event: HostEvent): void;
  /** Another workflow was opened: node states and failures no longer mean anything; results stay. */
  forgetNodes(): void;
  /** The host went away in the middle of things. */
  connectionLost(failure: ErrorPayload): void;
  dismissFailure(): void;
}

export function createRunStore(host: Pick<Host, "rpc">): RunStore {
  const store = createStore<RunState>(() => initialRunState);
  /** Runs that this window started; events of other windows' runs do not touch its nodes. */
  const own = new Set<string>();
  let cancelWanted = false;
  /** Events can arrive before the answer that says which run they belong to. */
  let early: Extract<HostEvent, { type: "run" }>[] = [];
  let startsPending = 0;

  const cancelRun = async (runId: string) => {
    await host.rpc.runs.cancel({ runId });
  };

  const receiveRun = (hostEvent: Extract<HostEvent, { type: "run" }>) => {
    const { event } = hostEvent;
    if (own.has(event.runId)) store.setState((state) => settle(reduceRun(state, event)));
    else if (startsPending > 0) early.push(hostEvent);
    if (event.type === "run-finished") own.delete(event.runId);
  };

  /** While another run waits, the window stays busy. */
  const settle = (state: RunState): RunState =>
    state.phase === "idle" && state.waiting.length > 0 ? { ...state, phase: "starting" } : state;

  return Object.assign(store, {
    async start(document: WorkflowDocument, targets?: string[]) {
      if (store.getState().phase === "idle") store.setState({ phase: "starting", failure: undefined, last: undefined });
      cancelWanted = false;
      startsPending++;
      try {
        const { runId } = await host.rpc.runs.start({ document, ...(targets ? { targets } : {}) });
        own.add(runId);
        store.setState((state) => ({ waiting: [...state.waiting, runId] }));
        const events = early;
        early = [];
        for (const event of events) receiveRun(event);
        if (cancelWanted && own.has(runId)) await cancelRun(runId);
      } catch (error) {
        store.setState((state) => ({
          phase: state.phase === "starting" && state.waiting.length === 0 ? "idle" : state.phase,
          failure: fromWireError(error).toPayload(),
        }));
      } finally {
        startsPending--;
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
      for (const id of waiting) await cancelRun(id);
      if (runId) await this.cancel();
    },
    receive(event: HostEvent) {
      if (event.type === "run") receiveRun(event);
    },
    forgetNodes() {
      store.setState({ nodes: new Map(), failure: undefined, last: undefined });
    },
    connectionLost(failure: ErrorPayload) {
      if (store.getState().phase === "idle") return;
      own.clear();
      store.setState((state) => ({
        phase: "idle",
        runId: undefined,
        waiting: [],
        failure,
        nodes: new Map(
          [...state.nodes].map(([id, node]) => [
            id,
            node.phase === "running" || node.phase === "queued"
              ? { phase: "stopped" as const, images: node.images, warnings: node.warnings }
              : node,
          ]),
        ),
      }));
    },
    dismissFailure() {
      store.setState({ failure: undefined });
    },
  });
}
