import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "conditioning-average",
  version: 1,
  title: "Average Conditioning",
  category: "conditioning",
  description:
    "Mixes what two prompts mean, token by token: 1 is all the first, 0 all the second, in between a blend of both. The result is as long as the first prompt; of a longer second one the end is left out.",
  aliases: ["ConditioningAverage", "blend prompts", "mix", "interpolate"],
  inputs: [
    { name: "first", type: "conditioning", label: "First" },
    { name: "second", type: "conditioning", label: "Second" },
  ],
  outputs: [{ name: "conditioning", type: "conditioning", label: "Conditioning" }],
  params: [
    {
      kind: "number",
      name: "share",
      label: "Share of first",
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.01,
      display: "slider",
    },
  ],
};
