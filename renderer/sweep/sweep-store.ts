import { createStore, type StoreApi } from "zustand/vanilla";
import type { Sweep, WorkflowDocument } from "../../graph/document.ts";
import type { RunStore } from "../run/run-store.ts";
import { type Cell, cellsOf, documentOfCell } from "./cells.ts";

/** A matrix of runs that was queued, and which run each cell became. */
export interface StartedSweep {
  readonly sweep: Sweep;
  /** What the axes are, as people read it. */
  readonly labels: readonly string[];
  readonly cells: readonly Cell[];
  /** By cell; absent while it is being queued, or when it could not be. */
  readonly runIds: readonly (string | undefined)[];
}

export interface SweepState {
  readonly current: StartedSweep | undefined;
  /** By run: the values it was for, as people read them. */
  readonly labelOf: ReadonlyMap<string, string>;
  readonly isOpen: boolean;
}

export interface SweepStore extends StoreApi<SweepState> {
  /** Queues a run for each cell, in order; ends early when one cannot be queued. */
  start(
    document: WorkflowDocument,
    sweep: Sweep,
    labels: readonly string[],
    textOf: (cell: Cell) => string,
  ): Promise<void>;
}

export function createSweepStore(runs: Pick<RunStore, "start">): SweepStore {
  const store = createStore<SweepState>(() => ({ current: undefined, labelOf: new Map(), isOpen: false }));
  return Object.assign(store, {
    async start(
      document: WorkflowDocument,
      sweep: Sweep,
      labels: readonly string[],
      textOf: (cell: Cell) => string,
    ): Promise<void> {
      const cells = cellsOf(sweep);
      const started: StartedSweep = { sweep, labels, cells, runIds: cells.map(() => undefined) };
      store.setState({ current: started, isOpen: true });
      for (const [at, cell] of cells.entries()) {
        const runId = await runs.start(documentOfCell(document, sweep.axes, cell));
        if (runId === undefined) return;
        store.setState(({ current, labelOf }) => ({
          // Another sweep may have been started meanwhile.
          current: current?.cells === cells ? { ...current, runIds: current.runIds.with(at, runId) } : current,
          labelOf: new Map(labelOf).set(runId, textOf(cell)),
        }));
      }
    },
  });
}
