import { expect, test } from "vitest";
import { findForeignSyntax } from "./foreign-syntax.ts";

const found = (prompt: string) => findForeignSyntax(prompt).map(({ kind, from, to }) => [kind, prompt.slice(from, to)]);

test.each([
  [
    "a (red:1.3) fox, ((glowing)) eyes",
    [
      ["weight", "(red:1.3)"],
      ["weight", "((glowing))"],
    ],
  ],
  ["(a fox in snow: -0.5)", [["weight", "(a fox in snow: -0.5)"]]],
  [
    "a [blurry] photo, [[noise]]",
    [
      ["weight", "[blurry]"],
      ["weight", "[[noise]]"],
    ],
  ],
  [
    "[cat:dog:0.5], [fog:0.3], [red|blue] hair",
    [
      ["schedule", "[cat:dog:0.5]"],
      ["schedule", "[fog:0.3]"],
      ["schedule", "[red|blue]"],
    ],
  ],
  [
    "a cat BREAK a dog AND a bird",
    [
      ["separator", "BREAK"],
      ["separator", "AND"],
    ],
  ],
  ["BREAK", [["separator", "BREAK"]]],
  [
    "<lora:ink:0.8> fox, embedding:easy-negative",
    [
      ["file", "<lora:ink:0.8>"],
      ["file", "embedding:easy-negative"],
    ],
  ],
  [
    "a {red|blue} __animals/cats__",
    [
      ["choice", "{red|blue}"],
      ["choice", "__animals/cats__"],
    ],
  ],
  ['a "sign" AND "another"', [["separator", "AND"]]],
])("%s", (prompt, expected) => {
  expect(found(prompt)).toEqual(expected);
});

test("what people write as plain words is left alone", () => {
  for (const prompt of [
    "a cat and a dog, at break of day",
    "a poster (1920s style) with a clock at 12:30",
    'a sign that says "ROCK AND ROLL", and another: “[EXIT]”',
    "an island, HANDMADE, BREAKFAST",
    "\\(word:1.2\\) and \\[brackets\\]",
    "f(x) = (x + 1)",
    "snake__case__word, {one} <3",
    "",
  ]) {
    expect(found(prompt), prompt).toEqual([]);
  }
});

test("nothing is found twice, and a long prompt costs no time", () => {
  expect(found("((word:1.2))")).toHaveLength(1);
  const started = performance.now();
  findForeignSyntax("([".repeat(5_000));
  findForeignSyntax("(a:".repeat(3_000));
  expect(performance.now() - started).toBeLessThan(500);
});
