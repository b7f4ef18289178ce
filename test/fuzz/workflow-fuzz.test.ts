import { expect, test } from "vitest";
import { fuzzWorkflows } from "./workflow-cases.ts";

test("200 workflows changed at random: each opens, with a report or without, or is refused", {
  timeout: 60_000,
}, async () => {
  const { problems, outcomes } = await fuzzWorkflows(200, 1);
  expect(problems).toEqual([]);
  expect([...outcomes.keys()]).toEqual(expect.arrayContaining(["opened", "imported", "workflow-invalid"]));
});
