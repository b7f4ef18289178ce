import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "integer",
  version: 1,
  title: "Integer",
  category: "utility",
  description:
    "A whole number, to be used in several places at once: link it to every input that is to have it, and change it here only.",
  aliases: ["int", "primitive", "PrimitiveInt", "constant", "number"],
  inputs: [],
  outputs: [{ name: "value", type: "integer", label: "Value" }],
  params: [
    { kind: "integer", name: "value", label: "Value", default: 1, min: -1_000_000_000, max: 1_000_000_000, step: 1 },
  ],
};
