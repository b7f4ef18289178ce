import { describe, expect, it } from "vitest";
import { commands } from "./commands.ts";
import { keymapRows, onlyFor, withKeys } from "./keymap-rows.ts";
import { type KeymapChoice, type KeymapPreset, keymapPresets } from "./shortcuts.ts";

const ids = commands.map(({ id }) => id);
const heddle: KeymapChoice = { preset: "heddle", changes: {} };
const rowOf = (choice: KeymapChoice, id: string) => keymapRows(ids, choice).find((row) => row.id === id);

describe("shortcuts of a person's own", () => {
  it.each(Object.keys(keymapPresets) as KeymapPreset[])(
    "the preset %s names commands that exist, without conflicts",
    (preset) => {
      expect(Object.keys(keymapPresets[preset]).filter((id) => !ids.includes(id as (typeof ids)[number]))).toEqual([]);
      expect(keymapRows(ids, { preset, changes: {} }).filter(({ conflicts }) => conflicts.size > 0)).toEqual([]);
    },
  );

  it("show which other command has the same keys, and give them to one only", () => {
    const both = withKeys(heddle, "view.queue", ["Q", "Ctrl+Enter"]);
    expect(rowOf(both, "view.queue")?.conflicts.get("Ctrl+Enter")).toBe("run.start");
    expect(rowOf(both, "run.start")?.conflicts.get("Mod+Enter")).toBe("view.queue");
    const mine = onlyFor(both, ids, "view.queue", "Ctrl+Enter");
    expect(rowOf(mine, "run.start")).toMatchObject({ keys: [], isChanged: true });
    expect(rowOf(mine, "view.queue")).toMatchObject({ keys: ["Q", "Ctrl+Enter"] });
  });

  it("are no change when they are what the preset says", () => {
    const changed = withKeys(heddle, "view.queue", ["Z"]);
    expect(rowOf(changed, "view.queue")).toMatchObject({ keys: ["Z"], isChanged: true });
    expect(withKeys(changed, "view.queue", ["Q"])).toEqual(heddle);
  });
});
