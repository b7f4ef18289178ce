import { invertPatches, mergePatches, type Patch } from "./patch.ts";

/** One step of undo: what a gesture changed, and the name under which the menu offers to undo it. */
export interface HistoryEntry {
  readonly label: string;
  readonly patches: readonly Patch[];
  /** Entries of one gesture (a drag, a burst of typing) share it and become one step. */
  readonly gesture: string | undefined;
}

export interface History {
  readonly past: readonly HistoryEntry[];
  readonly future: readonly HistoryEntry[];
}

export const emptyHistory: History = { past: [], future: [] };

export function record(history: History, entry: HistoryEntry): History {
  const last = history.past.at(-1);
  if (last && entry.gesture !== undefined && last.gesture === entry.gesture) {
    const merged = { ...last, patches: mergePatches(last.patches, entry.patches) };
    return { past: [...history.past.slice(0, -1), merged], future: [] };
  }
  return { past: [...history.past, entry], future: [] };
}

/** The patches to apply for one step back, and the history after it; `undefined` when there is none. */
export function stepBack(history: History): { patches: readonly Patch[]; history: History } | undefined {
  const entry = history.past.at(-1);
  if (!entry) return undefined;
  // A redone gesture is closed: later changes with the same key start a step of their own.
  const closed = { ...entry, gesture: undefined };
  return {
    patches: invertPatches(entry.patches),
    history: { past: history.past.slice(0, -1), future: [closed, ...history.future] },
  };
}

export function stepForward(history: History): { patches: readonly Patch[]; history: History } | undefined {
  const [entry, ...future] = history.future;
  if (!entry) return undefined;
  return { patches: entry.patches, history: { past: [...history.past, entry], future } };
}
