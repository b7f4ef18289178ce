import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "number",
  version: 1,
  title: "Number",
  category: "utility",
  description:
    "A number, to be used in several places at once: link it to every input that is to have it, and change it here only.",
  aliases: ["float", "primitive", "PrimitiveFloat", "constant"],
  inputs: [],
  outputs: [{ name: "value", type: "number", label: "Value" }],
  params: [{ kind: "number", name: "value", label: "Value", default: 1, min: -1e9, max: 1e9, step: 0.01 }],
};
