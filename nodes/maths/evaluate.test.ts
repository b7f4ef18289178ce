import { expect, test } from "vitest";
import { evaluate } from "./evaluate.ts";

const variables = { a: 7, b: 2, c: -3, d: 0 };

test.each([
  ["a + b * 2", 11],
  ["(a + b) * 2", 18],
  ["2 ** 3 ** 2", 512],
  ["-a % 4", -3],
  ["round(a * 1.5 / 16) * 16", 16],
  ["a > b && !d ? max(a, b, 100) : 0", 100],
  ["(a == 7) + (a != 7) + (a <= 7) + (c || d)", 3],
  ["clamp(a, 0, 5) + abs(c) + hypot(3, 4)", 13],
  ["floor(pi) + round(e) + true", 7],
  ["atan2(0, 1) + log10(1000) + pow(2, 0.5) ** 2", 5],
  [".5e1", 5],
])("%s is %d", (expression, value) => {
  expect(evaluate(expression, variables)).toBeCloseTo(value, 12);
});

test.each([
  ["a +", "expression-unreadable"],
  ["", "expression-unreadable"],
  ["1 2", "expression-unreadable"],
  ["'text'", "expression-unreadable"],
  ["[a]", "expression-unreadable"],
  ["a.b", "expression-unreadable"],
  ["this", "expression-unreadable"],
  ["~a", "expression-unreadable"],
  ["a | b", "expression-unreadable"],
  ["x", "expression-unknown-name"],
  ["constructor", "expression-unknown-name"],
  ["toString(1)", "expression-unknown-name"],
  ["a.constructor('return 1')()", "expression-unknown-name"],
  ["process", "expression-unknown-name"],
  ["sqrt()", "expression-arguments"],
  ["clamp(1, 2)", "expression-arguments"],
  ["a / d", "expression-no-number"],
  ["sqrt(c)", "expression-no-number"],
])("%j is refused: %s", (expression, code) => {
  expect(() => evaluate(expression, variables)).toThrow(expect.objectContaining({ code, field: "expression" }));
});

test("a condition computes only the side it takes", () => {
  expect(evaluate("d == 0 ? 1 : a / d", variables)).toBe(1);
});
