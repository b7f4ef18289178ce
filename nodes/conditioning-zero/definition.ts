import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "conditioning-zero",
  version: 1,
  title: "Zero Conditioning",
  category: "conditioning",
  description:
    "Takes the meaning out of a conditioning: all of its features become 0, its length stays. Used as the negative of models that were trained without a negative prompt.",
  aliases: ["ConditioningZeroOut", "zero out", "empty negative", "unconditional"],
  inputs: [{ name: "conditioning", type: "conditioning", label: "Conditioning" }],
  outputs: [{ name: "conditioning", type: "conditioning", label: "Conditioning" }],
  params: [],
};
