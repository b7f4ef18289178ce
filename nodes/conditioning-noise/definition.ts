import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "conditioning-noise",
  version: 1,
  title: "Conditioning Noise",
  category: "conditioning",
  description:
    "Adds seeded noise to what a prompt means, so that the pictures of different seeds differ more: few-step models draw nearly the same picture for every seed. Use the noisy conditioning for the first steps only and the clean one in a second Sampler for the rest, and the picture still shows what the prompt says. A strength of 0 changes nothing.",
  aliases: ["seed variance", "SeedVarianceEnhancer", "diversity", "variation", "variety", "randomize"],
  inputs: [
    { name: "conditioning", type: "conditioning", label: "Conditioning" },
    { name: "seed", type: "integer", label: "Seed", optional: true },
  ],
  outputs: [{ name: "conditioning", type: "conditioning", label: "Conditioning" }],
  params: [
    { kind: "seed", name: "seed", label: "Seed", description: "Which noise is added.", default: 0 },
    {
      kind: "number",
      name: "strength",
      label: "Strength",
      description: "1 adds as much as the values vary themselves. About 1 for all steps, 4 for the first quarter.",
      default: 1,
      min: 0,
      max: 20,
      step: 0.05,
      display: "slider",
    },
    {
      kind: "number",
      name: "share",
      label: "Share",
      description: "How many of the values get noise.",
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.01,
      display: "slider",
    },
  ],
};
