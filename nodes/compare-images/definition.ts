import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "compare-images",
  version: 1,
  title: "Compare Images",
  category: "output",
  description:
    "Shows two pictures on the node with a slider between them, and says how far apart they are: the mean difference of their pixels (RMSE, 0 to 255) and the PSNR, when they are of one size. The two side by side are an output, to be saved.",
  aliases: ["before and after", "difference", "PSNR", "side by side", "Image Comparer"],
  inputs: [
    { name: "first", type: "image", label: "First" },
    { name: "second", type: "image", label: "Second" },
  ],
  outputs: [{ name: "image", type: "image", label: "Image" }],
  params: [{ kind: "integer", name: "gap", label: "Gap", unit: "px", default: 8, min: 0, max: 200, step: 1 }],
  isOutput: true,
};
