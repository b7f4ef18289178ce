import { expect, test } from "vitest";
import { parseNumbers } from "./parse-numbers.ts";

test.each([
  ["1, 2, 4", [1, 2, 4]],
  ["1\n2.5;-3 .5", [1, 2.5, -3, 0.5]],
  ["1..5", [1, 2, 3, 4, 5]],
  ["5..1/2", [5, 3, 1]],
  ["0.2..1/0.2", [0.2, 0.4, 0.6, 0.8, 1]],
  ["-1..1/0.5, 4", [-1, -0.5, 0, 0.5, 1, 4]],
  ["9223372036854775807", ["9223372036854775807"]],
  ["1234567890123456..1234567890123458", [1234567890123456, 1234567890123457, 1234567890123458]],
  ["9223372036854775807..9223372036854775805/1", ["9223372036854775807", "9223372036854775806", "9223372036854775805"]],
  ["+3..-3/-3", [3, 0, -3]],
] as const)("%j", (text, numbers) => {
  expect(parseNumbers(text)).toEqual(numbers);
});

test.each(["", "one", "1..", "..5", "1..5/0", "1,two"])("%j is told", (text) => {
  expect(() => parseNumbers(text)).toThrow(expect.objectContaining({ code: "list-unreadable", field: "values" }));
});

test("a list that is too long is refused before it is made", () => {
  expect(() => parseNumbers("0..1e12")).toThrow(expect.objectContaining({ code: "too-many-items" }));
});
