import type { History, HistoryEntry } from "../document/history.ts";

/** So much of a tab's history survives it: the steps nearest to now. */
const MOST_STEPS = 1_000;
const MOST_BYTES = 5_000_000;

/** Which steps are kept, by their numbers in the life of a tab, and how many of them are done. */
export interface HistoryExtent {
  readonly first: number;
  readonly past: number;
  readonly count: number;
}

export interface HistoryChange {
  readonly extent: HistoryExtent;
  /** Steps to write, each under its number. */
  readonly put: readonly (readonly [number, HistoryEntry])[];
  /** Numbers of steps to forget. */
  readonly remove: readonly number[];
}

const sizes = new WeakMap<HistoryEntry, number>();

/** Size as JSON, in UTF-16 units: near enough to bytes. */
function sizeOf(entry: HistoryEntry): number {
  const size = sizes.get(entry) ?? JSON.stringify(entry).length;
  sizes.set(entry, size);
  return size;
}

/** Knows which steps of one tab are on the disk, so that only those are written that are not. */
export class HistoryLog {
  /** Number of the first step that the window has. */
  readonly #base: number;
  readonly #kept: Map<number, HistoryEntry>;

  constructor(base = 0, kept: ReadonlyMap<number, HistoryEntry> = new Map()) {
    this.#base = base;
    this.#kept = new Map(kept);
  }

  get keptNumbers(): number[] {
    return [...this.#kept.keys()];
  }

  /** What is to be done so that the disk has `history`. */
  changeTo(history: History): HistoryChange {
    const steps = [...history.past, ...history.future];
    const { from, to } = nearest(steps, history.past.length);
    const first = this.#base + from;
    const last = this.#base + to;
    return {
      extent: { first, past: history.past.length - from, count: to - from },
      put: steps
        .slice(from, to)
        .map((entry, at) => [first + at, entry] as const)
        .filter(([number, entry]) => this.#kept.get(number) !== entry),
      remove: this.keptNumbers.filter((number) => number < first || number >= last),
    };
  }

  /** The change is on the disk. */
  done({ put, remove }: HistoryChange): void {
    for (const number of remove) this.#kept.delete(number);
    for (const [number, entry] of put) this.#kept.set(number, entry);
  }
}

/** The steps around `now` that may be kept: first what can be undone, then what can be done again. */
function nearest(steps: readonly HistoryEntry[], now: number): { from: number; to: number } {
  let [from, to, size] = [now, now, 0];
  const takes = (at: number) => {
    const entry = steps[at];
    if (!entry || to - from >= MOST_STEPS || size + sizeOf(entry) > MOST_BYTES) return false;
    size += sizeOf(entry);
    return true;
  };
  while (takes(from - 1)) from--;
  while (takes(to)) to++;
  return { from, to };
}
