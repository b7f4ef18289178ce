import { expect, test } from "vitest";
import { workflow } from "../../../graph/testing/workflows.ts";
import { findDefinition } from "../../../nodes/definitions.ts";
import { applyInputs, inputsOf } from "./inputs.ts";

test("a setting that a link enters is no input, exposed or not", () => {
  const document = workflow({ seed: "seed", sampler: "sampler" }, ["seed.seed > sampler.seed"]);
  const names = (of: typeof document) => inputsOf(of, findDefinition).map(({ name }) => name);
  expect(names(document)).toContain("sampler.steps");
  expect(names(document)).toContain("seed.seed");
  expect(names(document)).not.toContain("sampler.seed");
  const exposed = [
    { node: "sampler", param: "seed", name: "seed" },
    { node: "sampler", param: "steps", name: "steps" },
  ];
  expect(names({ ...document, exposed })).toEqual(["steps"]);
  expect(applyInputs(document, inputsOf({ ...document, exposed }, findDefinition), { seed: 1 })).toMatchObject({
    problems: [{ input: "seed", code: "unknown-input" }],
  });
  expect(names({ ...document, links: [], exposed })).toEqual(["seed", "steps"]);
});
