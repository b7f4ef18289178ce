import { invertPatches, mergePatches, type Patch } from "./patch.ts";
import type { ScopePath } from "./scope.ts";

/** One step of undo: what a gesture changed, and the name under which the menu offers to undo it. */
export interface HistoryEntry {
  readonly label: string;
  readonly patches: readonly Patch[];
  /** Entries of one gesture (a drag, a burst of typing) share it and become one step. */
  readonly gesture: string | undefined;
  /** Where it was done: undoing it goes there, so that one sees what happens. */
  readonly path: ScopePath;
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

/** The last gesture is over: later changes with the same key start a step of their own. */
export function closed(history: History): History {
  const last = history.past.at(-1);
  if (last?.gesture === undefined) return history;
  return { ...history, past: history.past.with(-1, { ...last, gesture: undefined }) };
}

/** What one step back or forward does: patches to apply, the history after it, and where it was done. */
interface Step {
  readonly patches: readonly Patch[];
  readonly history: History;
  readonly path: ScopePath;
}

/** `undefined` when there is no step back. */
export function stepBack(history: History): Step | undefined {
  const entry = history.past.at(-1);
  if (!entry) return undefined;
  // A redone gesture is closed: later changes with the same key start a step of their own.
  const closed = entry.gesture === undefined ? entry : { ...entry, gesture: undefined };
  return {
    patches: invertPatches(entry.patches),
    history: { past: history.past.slice(0, -1), future: [closed, ...history.future] },
    path: entry.path,
  };
}

export function stepForward(history: History): Step | undefined {
  const [entry, ...future] = history.future;
  if (!entry) return undefined;
  return { patches: entry.patches, history: { past: [...history.past, entry], future }, path: entry.path };
}
