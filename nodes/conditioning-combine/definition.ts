import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "conditioning-combine",
  version: 1,
  title: "Combine Conditioning",
  category: "conditioning",
  description:
    "Draws towards two prompts at once: the model predicts for each of them at every step, and the predictions are averaged. Every prompt that is combined takes the time of a prompt of its own.",
  aliases: ["ConditioningCombine", "and", "mix prompts", "several prompts"],
  inputs: [
    { name: "first", type: "conditioning", label: "First" },
    { name: "second", type: "conditioning", label: "Second" },
  ],
  outputs: [{ name: "conditioning", type: "conditioning", label: "Conditioning" }],
  params: [],
};
