import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "switch",
  version: 1,
  title: "Switch",
  category: "utility",
  description:
    "Passes one of two values on, whatever they are: the first when it is on, the second when it is off. Both sides are computed when both are linked; mute the nodes of a side to save its time.",
  aliases: ["if", "condition", "boolean", "ImpactConditionalBranch", "either", "toggle"],
  inputs: [
    { name: "whenOn", type: "any", label: "When on", optional: true },
    { name: "whenOff", type: "any", label: "When off", optional: true },
    { name: "on", type: "boolean", label: "On", optional: true },
  ],
  outputs: [{ name: "value", type: "any", label: "Value" }],
  params: [{ kind: "boolean", name: "on", label: "On", default: true }],
};
