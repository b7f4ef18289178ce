import { expect, test } from "vitest";
import { formatDuration, formatEstimate } from "./format.ts";

test("what was measured has tenths, what is only judged has whole seconds", () => {
  expect([420, 8_940, 65_000].map(formatDuration)).toEqual(["420 ms", "8.9 s", "1:05 min"]);
  expect([200, 8_940, 59_600, 65_000].map(formatEstimate)).toEqual(["1 s", "9 s", "1:00 min", "1:05 min"]);
});
