import type { Settings } from "../settings/settings-store.ts";
import { isSameShortcut, type KeymapChoice, keymapPresets, keysOf } from "./shortcuts.ts";

/** A command in the editor of shortcuts. */
export interface KeymapRow {
  readonly id: string;
  readonly keys: readonly string[];
  /** Other commands with the same keys, by the key they share. */
  readonly conflicts: ReadonlyMap<string, string>;
  /** Its keys are not those of the preset. */
  readonly isChanged: boolean;
}

export function keymapRows(ids: readonly string[], choice: KeymapChoice): KeymapRow[] {
  const keys = new Map(ids.map((id) => [id, keysOf(id, choice)]));
  return ids.map((id) => {
    const own = keys.get(id) ?? [];
    const conflicts = new Map<string, string>();
    for (const key of own) {
      const other = ids.find(
        (candidate) => candidate !== id && keys.get(candidate)?.some((theirs) => isSameShortcut(theirs, key)),
      );
      if (other !== undefined) conflicts.set(key, other);
    }
    return { id, keys: own, conflicts, isChanged: id in choice.changes };
  });
}

/** The choice with other keys for one command; the preset's own keys are no change. */
export function withKeys(choice: KeymapChoice, id: string, keys: readonly string[]): Settings["keymap"] {
  const { [id]: _old, ...rest } = copyOf(choice).changes;
  const usual = keymapPresets[choice.preset][id] ?? [];
  const isUsual = keys.length === usual.length && keys.every((key, at) => isSameShortcut(key, usual[at] ?? ""));
  return { preset: choice.preset, changes: isUsual ? rest : { ...rest, [id]: [...keys] } };
}

/** Takes a key from every other command that has it. */
export function onlyFor(choice: KeymapChoice, ids: readonly string[], id: string, key: string): Settings["keymap"] {
  let next = copyOf(choice);
  for (const other of ids) {
    const keys = keysOf(other, next);
    const kept = keys.filter((theirs) => !isSameShortcut(theirs, key));
    if (other !== id && kept.length !== keys.length) next = withKeys(next, other, kept);
  }
  return next;
}

const copyOf = ({ preset, changes }: KeymapChoice): Settings["keymap"] => ({
  preset,
  changes: Object.fromEntries(Object.entries(changes).map(([id, keys]) => [id, [...keys]])),
});
