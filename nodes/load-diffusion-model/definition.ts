import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "load-diffusion-model",
  version: 1,
  title: "Load Diffusion Model",
  category: "loaders",
  description:
    "Opens the diffusion model alone: a single file as ComfyUI uses them (safetensors or GGUF), or the transformer folder of a checkpoint. Which family it is of, and whether it is a turbo model, is detected and shown. Load its text encoder and VAE with their own nodes.",
  aliases: ["UNETLoader", "UnetLoaderGGUF", "diffusion_models", "transformer", "GGUF", "loader", "Z-Image"],
  inputs: [],
  outputs: [{ name: "model", type: "model", label: "Model" }],
  params: [
    {
      kind: "model",
      name: "diffusionModel",
      label: "Diffusion model",
      description: "A file in diffusion_models, or a transformer folder.",
      modelKind: "diffusionModel",
      default: "starter/turbo/transformer",
    },
  ],
};
