import type { NodeDefinition } from "../../graph/definition.ts";

const pixels = { kind: "integer", min: 0, max: 8192, step: 8, unit: "px" } as const;

export const definition: NodeDefinition = {
  type: "crop-image",
  version: 1,
  title: "Crop Image",
  category: "image",
  description:
    "Cuts a rectangle out of pictures, and out of a mask that is connected. What would lie beyond the edge is left out, and the node says so.",
  aliases: ["ImageCrop", "CropMask", "cut", "region"],
  inputs: [
    { name: "image", type: "image", label: "Image" },
    { name: "mask", type: "mask", label: "Mask", description: "Cropped together with the picture.", optional: true },
  ],
  outputs: [
    { name: "image", type: "image", label: "Image" },
    { name: "mask", type: "mask", label: "Mask" },
  ],
  params: [
    { ...pixels, name: "left", label: "Left", default: 0 },
    { ...pixels, name: "top", label: "Top", default: 0 },
    { ...pixels, name: "width", label: "Width", default: 512, min: 1 },
    { ...pixels, name: "height", label: "Height", default: 512, min: 1 },
  ],
};
