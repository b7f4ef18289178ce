import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "boolean",
  version: 1,
  title: "Switch Value",
  category: "utility",
  description:
    "On or off, to be used in several places at once: link it to every Switch that is to follow it, and change it here only.",
  aliases: ["bool", "boolean", "primitive", "PrimitiveBoolean", "true", "false", "toggle"],
  inputs: [],
  outputs: [{ name: "value", type: "boolean", label: "Value" }],
  params: [{ kind: "boolean", name: "value", label: "Value", default: true }],
};
