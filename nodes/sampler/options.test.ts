import { expect, test } from "vitest";
import { SCHEDULES, SOLVERS } from "../../engine/sampling/names.ts";
import { definition } from "./definition.ts";
import { scheduleOptions, solverOptions } from "./options.ts";

test("the node offers exactly the solvers and schedules that the engine has, under the same labels", () => {
  const asOptions = (entries: readonly { name: string; label: string }[]) =>
    entries.map(({ name, label }) => ({ value: name, label }));
  expect(solverOptions).toEqual(asOptions(SOLVERS));
  expect(scheduleOptions).toEqual(asOptions(SCHEDULES));
});

test("the defaults are among the options", () => {
  for (const param of definition.params) {
    if (param.kind === "choice") expect(param.options.map(({ value }) => value)).toContain(param.default);
  }
});
