import { expect, it } from "vitest";
import { createTabIcon, type IconMark } from "./tab-icon.ts";

function place(isSeen = true) {
  const shown: (IconMark | undefined)[] = [];
  const waiting: (() => void)[] = [];
  return {
    shown,
    see: () => {
      for (const listener of waiting.splice(0)) listener();
    },
    at: {
      set: (mark: IconMark | undefined) => shown.push(mark),
      isSeen: () => isSeen,
      onceSeen: (listener: () => void) => waiting.push(listener),
    },
  };
}

it("grows with a run, in steps that can be seen, and goes back to the usual icon", () => {
  const { shown, at } = place();
  const icon = createTabIcon(at);
  for (const share of [0, 0.001, 0.25, 0.26, 1]) icon.show(share);
  icon.show(undefined);
  icon.show(undefined);
  expect(shown).toEqual([{ share: 0 }, { share: 0.25 }, { share: 1 }, undefined]);
});

it("marks a run that ended while nobody looked, until somebody does", () => {
  const { shown, see, at } = place(false);
  const icon = createTabIcon(at);
  icon.show(0.5);
  icon.show(undefined);
  expect(shown).toEqual([{ share: 0.5 }, "done"]);
  see();
  expect(shown.at(-1)).toBeUndefined();
  expect(shown).toHaveLength(3);
});

it("does not take the ring of the next run away when the tab is looked at", () => {
  const { shown, see, at } = place(false);
  const icon = createTabIcon(at);
  icon.show(0.5);
  icon.show(undefined);
  icon.show(0);
  see();
  expect(shown).toEqual([{ share: 0.5 }, "done", { share: 0 }]);
});
