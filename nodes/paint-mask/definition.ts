import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "paint-mask",
  version: 1,
  title: "Paint Mask",
  category: "image",
  description:
    "A mask that you paint by hand: white is made anew, black is kept, and grey changes the picture less the darker it is. With a picture connected the mask takes its size. A mask made in another program can be dropped here, too; its transparent parts count as black.",
  aliases: ["mask editor", "MaskEditor", "LoadImageMask", "brush", "draw mask", "inpaint", "paint"],
  inputs: [{ name: "image", type: "image", label: "Image", description: "What is painted on.", optional: true }],
  outputs: [{ name: "mask", type: "mask", label: "Mask" }],
  params: [
    {
      kind: "image",
      role: "mask",
      name: "mask",
      label: "Mask",
      description: "Where to paint anew. With nothing painted, all is kept.",
      default: "",
    },
  ],
};
