import { expect, test } from "vitest";
import { runFuzz } from "./run-fuzz.ts";

test("200 damaged files: each is refused with a typed error or loads correctly", { timeout: 120_000 }, async () => {
  const { problems, outcomes } = await runFuzz(200, 1);
  expect(problems).toEqual([]);
  expect(outcomes.size).toBeGreaterThan(5);
});
