import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "extract-channel",
  version: 1,
  title: "Extract Channel",
  category: "image",
  description:
    "Takes one channel out of pictures: a colour, the luminance, or the saturation or value of HSV. It comes as grey pictures and, of the first picture, as a mask, so that bright or colourful areas can be repainted or laid over others.",
  aliases: ["ImageToMask", "Convert Image to Mask", "luminance", "image to mask", "mask from colour", "grayscale"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [
    { name: "image", type: "image", label: "Image" },
    { name: "mask", type: "mask", label: "Mask" },
  ],
  params: [
    {
      kind: "choice",
      name: "channel",
      label: "Channel",
      default: "luminance",
      options: [
        { value: "red", label: "Red" },
        { value: "green", label: "Green" },
        { value: "blue", label: "Blue" },
        { value: "luminance", label: "Luminance" },
        { value: "saturation", label: "Saturation" },
        { value: "value", label: "Value" },
      ],
    },
  ],
};
