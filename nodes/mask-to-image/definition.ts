import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "mask-to-image",
  version: 1,
  title: "Mask to Image",
  category: "image",
  description: "Makes a grey picture of a mask, to look at it, to save it or to work on it as a picture.",
  aliases: ["MaskToImage", "MaskPreview", "show mask"],
  inputs: [{ name: "mask", type: "mask", label: "Mask" }],
  outputs: [{ name: "image", type: "image", label: "Image" }],
  params: [],
};
