import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "upscale-with-model",
  version: 1,
  title: "Upscale with Model",
  category: "image",
  description:
    "Enlarges pictures with a model of the ESRGAN family (ESRGAN and Real-ESRGAN as safetensors, or any upscaler as ONNX, in upscale_models), which adds detail where interpolation only blurs. The file says by how much. Pictures are enlarged tile by tile, so that large ones fit into memory.",
  aliases: ["ImageUpscaleWithModel", "UpscaleModelLoader", "ESRGAN", "RealESRGAN", "super resolution", "enlarge"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [{ name: "image", type: "image", label: "Image" }],
  params: [
    {
      kind: "model",
      name: "upscaler",
      label: "Upscaler",
      description: "A file in upscale_models of a models folder.",
      modelKind: "upscaler",
      default: "",
    },
    {
      kind: "integer",
      name: "tile",
      label: "Tile",
      description: "Side of the parts that are enlarged one by one; smaller ones need less memory.",
      unit: "px",
      default: 192,
      min: 32,
      max: 2048,
      step: 16,
      advanced: true,
    },
    {
      kind: "integer",
      name: "overlap",
      label: "Overlap",
      description: "How much of its surroundings the model sees with each part; more hides seams better.",
      unit: "px",
      default: 16,
      min: 0,
      max: 256,
      step: 4,
      advanced: true,
    },
  ],
};
