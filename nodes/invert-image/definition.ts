import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "invert-image",
  version: 1,
  title: "Invert Image",
  category: "image",
  description:
    "Turns pictures into their negatives: every channel of every pixel becomes 255 less its value. Doing it twice gives the picture back.",
  aliases: ["ImageInvert", "negative"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [{ name: "image", type: "image", label: "Image" }],
  params: [],
};
