import { expect, test } from "vitest";
import { goTo, indexAfter, NOTHING, without } from "./selection.ts";

const order = ["a", "b", "c", "d", "e"];

test("a click chooses one, Ctrl adds and takes away, Shift chooses a range from where the last click was", () => {
  const one = goTo(NOTHING, order, "b");
  expect(one.chosen).toEqual(["b"]);
  const two = goTo(one, order, "d", { toggle: true });
  expect(two.chosen).toEqual(["b", "d"]);
  expect(goTo(two, order, "b", { toggle: true }).chosen).toEqual(["d"]);
  expect(goTo(one, order, "d", { extend: true }).chosen).toEqual(["b", "c", "d"]);
  expect(goTo(goTo(one, order, "d", { extend: true }), order, "a", { extend: true }).chosen).toEqual(["b", "a"]);
  expect(goTo(one, order, "e", { moveOnly: true })).toEqual({ chosen: ["b"], active: "e", anchor: "e" });
  expect(goTo({ ...one, anchor: "gone" }, order, "c", { extend: true }).chosen).toEqual(["c"]);
});

test("what is gone is not chosen any more, and its neighbour takes its place", () => {
  const two = goTo(goTo(NOTHING, order, "b"), order, "c", { toggle: true });
  expect(without(two, order, new Set(["b", "c"]))).toEqual({ chosen: ["d"], active: "d", anchor: "d" });
  expect(without(two, order, new Set(["b"]))).toEqual({ chosen: ["c"], active: "c", anchor: "c" });
  expect(without(goTo(NOTHING, order, "e"), order, new Set(["e"])).active).toBe("d");
  expect(without(goTo(NOTHING, order, "a"), order, new Set(order))).toEqual({
    chosen: [],
    active: undefined,
    anchor: undefined,
  });
});

test("keys go through the grid and stop at its edges", () => {
  const after = (key: string, at: number) => indexAfter(key, at, 8, 3, 2);
  expect(after("ArrowRight", 2)).toBe(3);
  expect(after("ArrowLeft", 0)).toBe(0);
  expect(after("ArrowDown", 1)).toBe(4);
  expect(after("ArrowDown", 5)).toBe(7);
  expect(after("ArrowDown", 7)).toBe(7);
  expect(after("ArrowUp", 1)).toBe(1);
  expect(after("PageUp", 7)).toBe(1);
  expect(after("PageDown", 0)).toBe(6);
  expect(after("Home", 5)).toBe(0);
  expect(after("End", 0)).toBe(7);
  expect(after("x", 0)).toBeUndefined();
  expect(indexAfter("End", 0, 0, 3, 2)).toBeUndefined();
});
