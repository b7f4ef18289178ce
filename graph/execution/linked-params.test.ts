import { expect, test } from "vitest";
import type { NodeDefinition } from "../definition.ts";
import { withLinkedParams } from "./linked-params.ts";

const definition: NodeDefinition = {
  type: "it",
  version: 1,
  title: "It",
  category: "utility",
  description: "",
  aliases: [],
  inputs: [
    { name: "steps", type: "integer", label: "Steps", optional: true },
    { name: "seed", type: "integer", label: "Seed", optional: true },
    { name: "image", type: "image", label: "Image" },
  ],
  outputs: [],
  params: [
    { kind: "integer", name: "steps", label: "Steps", default: 8, min: 1, max: 50, step: 1 },
    { kind: "seed", name: "seed", label: "Seed", default: 0 },
    { kind: "text", name: "text", label: "Text", default: "typed", maxLength: 10 },
  ],
};
const params = { steps: 8, seed: "0", text: "typed" };

test("a linked value takes the place of the param, of one that is listed as an input and of any other", () => {
  expect(withLinkedParams(definition, params, { steps: 20, image: {}, text: "linked" })).toEqual({
    ...params,
    steps: 20,
    text: "linked",
  });
});

test("a seed stays exact", () => {
  const seed = "9223372036854775807";
  expect(withLinkedParams(definition, params, { seed })).toMatchObject({ seed });
  expect(withLinkedParams(definition, params, { seed: 7 })).toMatchObject({ seed: "7" });
});

test("a linked value is checked as a typed one", () => {
  expect(() => withLinkedParams(definition, params, { steps: 51 })).toThrow(
    expect.objectContaining({ code: "value-out-of-range", field: "steps" }),
  );
  expect(() => withLinkedParams(definition, params, { steps: "many" })).toThrow(
    expect.objectContaining({ code: "value-wrong-kind", field: "steps" }),
  );
});
