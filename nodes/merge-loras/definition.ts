import type { NodeDefinition, NumberParam, PortDefinition } from "../../graph/definition.ts";

const weight = (number: number): NumberParam => ({
  kind: "number",
  name: `weight${number}`,
  label: `Weight ${number}`,
  default: 1,
  min: -4,
  max: 4,
  step: 0.01,
  display: "slider",
});

const input = (number: number): PortDefinition => ({
  name: `lora${number}`,
  type: "lora",
  label: `LoRA ${number}`,
  ...(number > 2 && { optional: true }),
});

export const definition: NodeDefinition = {
  type: "merge-loras",
  version: 1,
  title: "Merge LoRAs",
  category: "loaders",
  description:
    "Makes one LoRA of up to four; merge merged ones for more. The sum is what a stack does. The average is as strong as one. TIES lets each LoRA keep only its largest changes and settles where they contradict each other: the remedy when several LoRAs together spoil the picture, as they do with turbo models.",
  aliases: ["LoRA lab", "TIES", "merge", "LoraMerger", "combine LoRAs", "ZImage LoRA Merger"],
  inputs: [input(1), input(2), input(3), input(4)],
  outputs: [{ name: "lora", type: "lora", label: "LoRA" }],
  params: [
    {
      kind: "choice",
      name: "method",
      label: "Method",
      description: "What becomes of changes to the same layer.",
      default: "ties",
      options: [
        { value: "sum", label: "Sum", description: "Added up, as a stack of LoRAs" },
        { value: "average", label: "Average", description: "Added up and divided, as strong as one" },
        { value: "ties", label: "TIES", description: "The largest changes, without contradictions" },
      ],
    },
    weight(1),
    weight(2),
    weight(3),
    weight(4),
    {
      kind: "number",
      name: "density",
      label: "Density",
      description: "Share of each LoRA’s changes that counts, the largest ones.",
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.01,
      display: "slider",
      visibleWhen: { param: "method", equals: ["ties"] },
    },
    {
      kind: "integer",
      name: "rank",
      label: "Rank",
      description:
        "The merged changes are brought to this rank, which keeps what matters of them. 0 keeps them in full: exact, but as large as the model itself.",
      default: 64,
      min: 0,
      max: 1024,
      step: 1,
      visibleWhen: { param: "method", equals: ["ties"] },
    },
  ],
};
