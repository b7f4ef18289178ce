import type { NodeDefinition } from "../../graph/definition.ts";

const side = { kind: "integer", default: 0, min: 0, max: 2048, step: 16, unit: "px" } as const;

export const definition: NodeDefinition = {
  type: "pad-image",
  version: 1,
  title: "Pad Image",
  category: "image",
  description:
    "Makes a picture larger on any side, for outpainting: the mask marks what is new, to be painted by a Sampler behind VAE Encode. Feathering lets the new part reach softly into the picture, so that no seam shows. Keep the sides of the result multiples of 16.",
  aliases: ["ImagePadForOutpaint", "outpaint", "extend", "uncrop", "border", "feather", "canvas size"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [
    { name: "image", type: "image", label: "Image" },
    { name: "mask", type: "mask", label: "Mask", description: "1 where the picture is new." },
    { name: "width", type: "integer", label: "Width" },
    { name: "height", type: "integer", label: "Height" },
  ],
  params: [
    { ...side, name: "left", label: "Left" },
    { ...side, name: "top", label: "Top" },
    { ...side, name: "right", label: "Right", default: 64 },
    { ...side, name: "bottom", label: "Bottom" },
    {
      kind: "integer",
      name: "feather",
      label: "Feather",
      description: "How far the mask reaches into the picture, fading out.",
      default: 0,
      min: 0,
      max: 512,
      step: 1,
      unit: "px",
      display: "slider",
    },
    {
      kind: "choice",
      name: "fill",
      label: "Fill",
      description: "What the new part holds before it is painted.",
      default: "edges",
      options: [
        { value: "edges", label: "Edges drawn out" },
        { value: "mirror", label: "Mirrored picture" },
        { value: "grey", label: "Grey" },
      ],
    },
  ],
};
