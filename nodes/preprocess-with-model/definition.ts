import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "preprocess-with-model",
  version: 1,
  title: "Preprocess with Model",
  category: "image",
  description:
    "Makes the hint that a ControlNet reads with a model of your own: depth, a pose, line art, or any other ONNX model that makes a picture of a picture. A JSON file beside it can say sizes, normalisation and the range of its values; without one they are told from the model and from what comes out. The result has the picture’s size: connect it to Apply ControlNet.",
  aliases: [
    "depth",
    "DepthAnything",
    "MiDaS",
    "HED",
    "lineart",
    "openpose",
    "DWPose",
    "normal map",
    "annotator",
    "ONNX",
  ],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [{ name: "image", type: "image", label: "Image" }],
  params: [
    {
      kind: "model",
      name: "preprocessor",
      label: "Model",
      description: "An ONNX file in preprocessors of a models folder.",
      modelKind: "preprocessor",
      default: "preprocessors/depth.onnx",
    },
    {
      kind: "integer",
      name: "resolution",
      label: "Resolution",
      description: "Shorter side of the picture inside the model; a model of fixed size has its own.",
      unit: "px",
      default: 512,
      min: 64,
      max: 2048,
      step: 32,
    },
    {
      kind: "boolean",
      name: "invert",
      label: "Invert",
      description: "Swaps light and dark, where near is to be light and the model makes it dark.",
      default: false,
    },
  ],
};
