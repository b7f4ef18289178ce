import type { NodeDefinition } from "../../graph/definition.ts";

const isColor = { param: "source", equals: ["color"] };
const isChannel = { param: "source", equals: ["brightness", "red", "green", "blue"] };

export const definition: NodeDefinition = {
  type: "image-to-mask",
  version: 1,
  title: "Image to Mask",
  category: "image",
  description:
    "Makes a mask from a picture: white where it is bright, or strong in one channel, or near a colour. With the threshold on, every pixel is either in or out; without it the mask is grey where the picture is. Of several pictures the first counts.",
  aliases: ["ImageToMask", "ImageColorToMask", "MaskFromColor", "ThresholdMask", "luminance", "chroma key", "channel"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [{ name: "mask", type: "mask", label: "Mask" }],
  params: [
    {
      kind: "choice",
      name: "source",
      label: "White where",
      default: "brightness",
      options: [
        { value: "brightness", label: "Bright" },
        { value: "red", label: "Red channel" },
        { value: "green", label: "Green channel" },
        { value: "blue", label: "Blue channel" },
        { value: "color", label: "Near a colour" },
      ],
    },
    {
      kind: "text",
      name: "color",
      label: "Colour",
      description: "As #rrggbb.",
      default: "#ffffff",
      minLength: 7,
      maxLength: 7,
      visibleWhen: isColor,
    },
    {
      kind: "number",
      name: "tolerance",
      label: "Tolerance",
      description: "How far a channel may be from the colour’s, of 1.",
      default: 0.1,
      min: 0,
      max: 1,
      step: 0.01,
      display: "slider",
      visibleWhen: isColor,
    },
    { kind: "boolean", name: "cut", label: "Threshold", default: true, visibleWhen: isChannel },
    {
      kind: "number",
      name: "threshold",
      label: "From",
      description: "Values from here on are in.",
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.01,
      display: "slider",
      visibleWhen: { param: "cut", equals: [true] },
    },
  ],
};
