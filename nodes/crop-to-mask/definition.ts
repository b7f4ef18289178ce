import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "crop-to-mask",
  version: 1,
  title: "Crop to Mask",
  category: "image",
  description:
    "Cuts out the masked part of a picture with some of what is around it, so that a small part can be painted anew at the model’s full size. Enlarge the cut with Resize Image, inpaint it, bring it back to its width and height, and put it at its place with Composite Image.",
  aliases: ["InpaintCrop", "mask margin", "zoom", "only masked", "crop and stitch", "detailer", "padding"],
  inputs: [
    { name: "image", type: "image", label: "Image" },
    { name: "mask", type: "mask", label: "Mask" },
  ],
  outputs: [
    { name: "image", type: "image", label: "Image" },
    { name: "mask", type: "mask", label: "Mask" },
    { name: "left", type: "integer", label: "Left" },
    { name: "top", type: "integer", label: "Top" },
    { name: "width", type: "integer", label: "Width" },
    { name: "height", type: "integer", label: "Height" },
  ],
  params: [
    {
      kind: "integer",
      name: "margin",
      label: "Margin",
      description: "How much around the masked part the model sees.",
      default: 32,
      min: 0,
      max: 512,
      step: 1,
      unit: "px",
      display: "slider",
    },
  ],
};
