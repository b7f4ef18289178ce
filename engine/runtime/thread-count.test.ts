import { availableParallelism } from "node:os";
import { expect, it } from "vitest";
import { threadCount } from "./thread-count.ts";

it("is what HEDDLE_THREADS says", () => {
  expect(threadCount({ HEDDLE_THREADS: "3" })).toBe(3);
});

it.each([undefined, "", "0", "-1", "1.5", "many"])("is what the machine runs at once where that is %j", (value) => {
  expect(threadCount({ HEDDLE_THREADS: value })).toBe(availableParallelism());
});
