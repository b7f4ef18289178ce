import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "load-controlnet",
  version: 1,
  title: "Load ControlNet",
  category: "loaders",
  description:
    "Opens a Z-Image ControlNet (such as the Union ones), which steers the layout of a picture by edges, depth, a pose or lines. Connect it to Apply ControlNet, together with the picture that steers.",
  aliases: ["ControlNetLoader", "ModelPatchLoader", "QwenImageDiffsynthControlnet", "Union", "loader"],
  inputs: [],
  outputs: [{ name: "controlNet", type: "controlNet", label: "ControlNet" }],
  params: [
    {
      kind: "model",
      name: "controlNet",
      label: "ControlNet",
      description: "A file in controlnet or model_patches, or a diffusers folder.",
      modelKind: "controlNet",
      default: "",
    },
  ],
};
