import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "load-model",
  version: 1,
  title: "Load Model",
  category: "loaders",
  description:
    "Opens a Z-Image checkpoint and gives its three parts: the diffusion model that draws, the text encoder that reads prompts, and the VAE that turns latents into pictures. Only the headers are read here; weights load when a part is first used. Heddle comes with a tiny starter model, so that everything can be tried at once.",
  aliases: [
    "checkpoint",
    "loader",
    "CheckpointLoaderSimple",
    "UNETLoader",
    "CLIPLoader",
    "VAELoader",
    "DiffusersLoader",
    "Z-Image",
  ],
  inputs: [],
  outputs: [
    { name: "model", type: "model", label: "Model" },
    { name: "textEncoder", type: "textEncoder", label: "Text encoder" },
    { name: "vae", type: "vae", label: "VAE" },
  ],
  params: [
    {
      kind: "model",
      name: "checkpoint",
      label: "Checkpoint",
      description: "A checkpoint in one of the models folders, or the built-in starter model.",
      modelKind: "checkpoint",
      default: "starter/turbo",
    },
  ],
};
