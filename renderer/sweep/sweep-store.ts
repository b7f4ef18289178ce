import { createStore, type StoreApi } from "zustand/vanilla";
import type { Sweep, WorkflowDocument } from "../../graph/document.ts";
import type { ImageReference } from "../../graph/events.ts";
import { randomId } from "../document/ids.ts";
import type { RunState } from "../run/run-state.ts";
import type { RunStore } from "../run/run-store.ts";
import { cellsOf, documentOfCell } from "./cells.ts";
import { cellLabel, type StartedSweep } from "./started-sweep.ts";
import { noSweepMemory, type SweepMemory } from "./sweep-memory.ts";

export interface SweepState {
  /** Of this tab, the latest first. */
  readonly all: readonly StartedSweep[];
  /** The one that is looked at; the latest where this one is not there. */
  readonly shownId: string | undefined;
  /** By run: the values it was for, as people read them. */
  readonly labelOf: ReadonlyMap<string, string>;
  readonly isOpen: boolean;
}

export interface SweepStore extends StoreApi<SweepState> {
  /** Queues a run for each cell, in order; ends early when one cannot be queued, or all are cancelled. */
  start(document: WorkflowDocument, sweep: Sweep, axes: Pick<StartedSweep, "labels" | "names">): Promise<void>;
  /** Looks at a matrix: one by its id, the one that a run belongs to, or the latest. */
  show(which?: { readonly id?: string; readonly runId?: string }): void;
  close(): void;
  /** Asks the host for pictures that were made while this window could not see it. */
  complete(pictureOf: (runIds: readonly string[]) => Promise<ReadonlyMap<string, ImageReference>>): Promise<void>;
}

/** Matrices that a tab keeps. */
const MOST_KEPT = 8;

export const shownSweep = ({ all, shownId }: SweepState): StartedSweep | undefined =>
  all.find(({ id }) => id === shownId) ?? all[0];

export const sweepOfRun = ({ all }: SweepState, runId: string): StartedSweep | undefined =>
  all.find(({ runIds }) => runIds.includes(runId));

/** The values that a picture was made with, where it belongs to the matrix that is looked at. */
export function labelOfPicture(state: SweepState, hash: string | undefined): string | undefined {
  const shown = state.isOpen && hash !== undefined ? shownSweep(state) : undefined;
  const at = shown?.images.findIndex((image) => image?.hash === hash) ?? -1;
  return shown && at >= 0 ? cellLabel(shown, at) : undefined;
}

const labelsOf = (all: readonly StartedSweep[]): ReadonlyMap<string, string> =>
  new Map(all.flatMap((one) => one.runIds.flatMap((id, at) => (id === undefined ? [] : [[id, cellLabel(one, at)]]))));

type Runs = Pick<RunStore, "start" | "beginSeries" | "subscribe" | "getState">;

export function createSweepStore(runs: Runs, memory: SweepMemory = noSweepMemory): SweepStore {
  const kept = memory.read();
  const store = createStore<SweepState>(() => ({
    all: kept,
    shownId: undefined,
    labelOf: labelsOf(kept),
    isOpen: false,
  }));
  const set = (all: readonly StartedSweep[]) => {
    store.setState({ all, labelOf: labelsOf(all) });
    memory.write(all);
  };
  const change = (id: string, next: (one: StartedSweep) => StartedSweep) =>
    set(store.getState().all.map((one) => (one.id === id ? next(one) : one)));
  const take = (pictureOf: RunState["pictureOf"]) => {
    let isNew = false;
    const all = store.getState().all.map((one) => {
      const images = one.images.map((image, at) => image ?? pictureOf.get(one.runIds[at] ?? ""));
      if (images.every((image, at) => image === one.images[at])) return one;
      isNew = true;
      return { ...one, images };
    });
    if (isNew) set(all);
  };
  runs.subscribe((state, before) => {
    if (state.pictureOf !== before.pictureOf) take(state.pictureOf);
  });

  return Object.assign(store, {
    async start(document: WorkflowDocument, sweep: Sweep, { labels, names }: Pick<StartedSweep, "labels" | "names">) {
      const cells = cellsOf(sweep);
      const id = randomId();
      const nothing = cells.map(() => undefined);
      const started = { id, startedAt: Date.now(), sweep, labels, names, cells, runIds: nothing, images: nothing };
      set([started, ...store.getState().all].slice(0, MOST_KEPT));
      store.setState({ isOpen: true, shownId: id });
      const isWanted = runs.beginSeries();
      for (const [at, cell] of cells.entries()) {
        if (!isWanted()) return;
        const runId = await runs.start(documentOfCell(document, sweep.axes, cell));
        if (runId === undefined) return;
        change(id, (one) => ({ ...one, runIds: one.runIds.with(at, runId) }));
        // A short run may have ended before the answer that names it.
        take(runs.getState().pictureOf);
      }
    },
    show({ id, runId }: { readonly id?: string; readonly runId?: string } = {}) {
      const state = store.getState();
      const shownId = id ?? (runId === undefined ? state.all[0]?.id : sweepOfRun(state, runId)?.id);
      if (shownId !== undefined) store.setState({ shownId, isOpen: true });
    },
    close() {
      store.setState({ isOpen: false });
    },
    async complete(pictureOf: (runIds: readonly string[]) => Promise<ReadonlyMap<string, ImageReference>>) {
      const missing = store
        .getState()
        .all.flatMap(({ runIds, images }) => runIds.filter((runId, at) => runId !== undefined && !images[at]));
      const wanted = missing.filter((runId) => runId !== undefined);
      if (wanted.length > 0) take(await pictureOf(wanted));
    },
  });
}
