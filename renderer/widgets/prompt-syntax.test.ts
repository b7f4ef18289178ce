import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { completingAt, findMarks, splitByMarks } from "./prompt-syntax.ts";

const marked = (text: string) => findMarks(text).map(({ kind, from, to }) => [kind, text.slice(from, to)]);

describe("marks", () => {
  test("wildcards, choices, weights and LoRA tags are found", () => {
    expect(marked("a {red|2::{light|dark} blue} __nature/flowers__ (cat:1.2) <lora:ink:0.8>")).toEqual([
      ["choice", "{red|2::{light|dark} blue}"],
      ["wildcard", "__nature/flowers__"],
      ["weight", "(cat:1.2)"],
      ["lora", "<lora:ink:0.8>"],
    ]);
  });

  test("brackets and separators of other programs are found as well", () => {
    expect(marked("a [blurry] cat BREAK ((dog)) {a|b}")).toEqual([
      ["weight", "[blurry]"],
      ["weight", "BREAK"],
      ["weight", "((dog))"],
      ["choice", "{a|b}"],
    ]);
  });

  test("what only looks like them is plain text", () => {
    for (const text of ["{one}", "a } b { c", "snake__case", "(a cat)", "(12:30 am", "a < b", "__", "____"]) {
      expect(marked(text), text).toEqual([]);
    }
  });

  test("the pieces are the text, whatever it is", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "_", "{", "}", "|", "(", ")", ":", "1", "<", ">", "é", " ") });
    fc.assert(
      fc.property(text, (prompt) => {
        const pieces = splitByMarks(prompt, findMarks(prompt));
        expect(pieces.map((piece) => piece.text).join("")).toBe(prompt);
      }),
    );
  });

  test("a wildcard in a choice keeps its own mark", () => {
    const text = "{a|__b__}";
    expect(splitByMarks(text, findMarks(text)).map((piece) => [piece.text, piece.mark?.kind])).toEqual([
      ["{a|", "choice"],
      ["__b__", "wildcard"],
      ["}", "choice"],
    ]);
  });
});

test("what is completed before the caret", () => {
  const at = (text: string) => {
    const found = completingAt(text, text.length);
    return found && [found.kind, found.query];
  };
  expect(at("a __an")).toEqual(["wildcard", "an"]);
  expect(at("a __")).toEqual(["wildcard", ""]);
  expect(at("a __animals__")).toBeUndefined();
  expect(at("a cat <lora:in")).toEqual(["lora", "in"]);
  expect(at("<")).toEqual(["lora", ""]);
  expect(at("a cat, ink")).toEqual(["word", "ink"]);
  expect(at("a cat, i")).toBeUndefined();
  expect(at("")).toBeUndefined();
});
