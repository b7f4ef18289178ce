import { describe, expect, test } from "vitest";
import { anchorLists, itemRuns, listOfRuns, MAX_ITEMS, newList } from "./lists.ts";

/** A list at the output `out` of a node. */
const listOf = (nodeId: string, title: string, ...items: unknown[]) =>
  anchorLists({ out: newList(items, title, items.map(String)) }, nodeId, `key of ${nodeId}`).out;

describe("listOfRuns", () => {
  const [axis] = itemRuns({ a: listOf("x", "", 1, 2) })!.axes;

  test("what was given run by run, in order", () => {
    expect(listOfRuns([axis!], ["p", "q"], ["k p", "k q"])).toEqual({
      ...{ kind: "list", axes: [axis], items: ["p", "q"], keys: ["k p", "k q"] },
    });
  });

  test("lists of equal length become one, their own axis the innermost", () => {
    const made = listOfRuns([axis!], [listOf("y", "", "p", "q"), listOf("y", "", "r", "s")], ["k", "l"]);
    expect(made.axes.map(({ id }) => id)).toEqual(["x", "y"]);
    expect(made.items).toEqual(["p", "q", "r", "s"]);
    expect(made.keys).toHaveLength(4);
    expect(itemRuns({ a: made })!.runs.map(({ inputs }) => inputs.a)).toEqual(["p", "q", "r", "s"]);
  });

  test("lists of different lengths are told", () => {
    expect(() => listOfRuns([axis!], [listOf("y", "", "p"), listOf("y", "", "r", "s")], ["k", "l"])).toThrow(
      expect.objectContaining({ code: "lists-uneven" }),
    );
  });
});

describe("itemRuns", () => {
  test("plain inputs are no lists", () => {
    expect(itemRuns({ a: 1, b: { kind: "image" } })).toBeUndefined();
  });

  test("two lists are crossed, the first outermost; other inputs stay", () => {
    const { axes, runs } = itemRuns({ a: listOf("x", "Steps", 1, 2), b: listOf("y", "", "p", "q"), c: "same" })!;
    expect(axes.map(({ id }) => id)).toEqual(["x", "y"]);
    expect(runs.map(({ inputs }) => inputs)).toEqual([
      { a: 1, b: "p", c: "same" },
      { a: 1, b: "q", c: "same" },
      { a: 2, b: "p", c: "same" },
      { a: 2, b: "q", c: "same" },
    ]);
    expect(runs.map(({ label }) => label)).toEqual(["Steps 1, p", "Steps 1, q", "Steps 2, p", "Steps 2, q"]);
  });

  test("lists of one axis go together, item by item", () => {
    const outputs = anchorLists(
      { a: newList([1, 2], "", ["1", "2"]), b: newList(["p", "q"], "", ["1", "2"]) },
      "x",
      "k",
    );
    expect(itemRuns(outputs)!.runs.map(({ inputs }) => inputs)).toEqual([
      { a: 1, b: "p" },
      { a: 2, b: "q" },
    ]);
  });

  test("a list over two axes meets one over the second of them", () => {
    const { axes, runs } = itemRuns({ a: listOf("x", "", 1, 2), b: listOf("y", "", "p", "q") })!;
    const crossed = {
      kind: "list" as const,
      axes,
      items: runs.map(({ inputs }) => `${inputs.a}${inputs.b}`),
      keys: runs.map((_, i) => String(i)),
    };
    const met = itemRuns({ first: listOf("y", "", "p", "q"), second: crossed })!;
    expect(met.runs.map(({ inputs }) => `${inputs.first} ${inputs.second}`)).toEqual(["p 1p", "p 2p", "q 1q", "q 2q"]);
  });

  test("plain items are known by their value, others by the node that made them", () => {
    const keysOf = (list: unknown) => itemRuns({ a: list })!.runs.map(({ keys }) => keys.a);
    expect(keysOf(listOf("x", "", 1, "1"))).toEqual(keysOf(listOf("y", "", 1, "1")));
    expect(new Set(keysOf(listOf("x", "", 1, "1", {}, {}))).size).toBe(4);
    expect(keysOf(listOf("x", "", {}))).not.toEqual(keysOf(listOf("y", "", {})));
  });

  test("more runs than anybody waits for are refused", () => {
    const many = Array.from({ length: 40 }, (_, i) => i);
    expect(40 * 40).toBeGreaterThan(MAX_ITEMS);
    expect(() => itemRuns({ a: listOf("x", "", ...many), b: listOf("y", "", ...many) })).toThrow(
      expect.objectContaining({ code: "too-many-items" }),
    );
  });
});
