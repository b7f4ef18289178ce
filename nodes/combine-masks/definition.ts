import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "combine-masks",
  version: 1,
  title: "Combine Masks",
  category: "image",
  description:
    "Makes one mask of two: what is in either, what is in both, or what is in the first and not in the second. A second mask of another size is brought to the size of the first.",
  aliases: ["MaskComposite", "union", "intersect", "subtract", "add masks"],
  inputs: [
    { name: "first", type: "mask", label: "First" },
    { name: "second", type: "mask", label: "Second" },
  ],
  outputs: [{ name: "mask", type: "mask", label: "Mask" }],
  params: [
    {
      kind: "choice",
      name: "operation",
      label: "Keep",
      default: "either",
      options: [
        { value: "either", label: "Either" },
        { value: "both", label: "Both" },
        { value: "difference", label: "First without second" },
      ],
    },
  ],
};
