import type { ModelKind } from "../../graph/definition.ts";

/** Folders of ComfyUI's (and Forge's) layout below a models folder, and what lies in them. */
const kindOfFolder: Readonly<Record<string, ModelKind>> = {
  checkpoints: "checkpoint",
  "stable-diffusion": "checkpoint",
  diffusion_models: "diffusionModel",
  unet: "diffusionModel",
  text_encoders: "textEncoder",
  clip: "textEncoder",
  vae: "vae",
  loras: "lora",
  lora: "lora",
  controlnet: "controlNet",
  model_patches: "controlNet",
  upscale_models: "upscaler",
  esrgan: "upscaler",
  onnx: "onnx",
};

/** What a folder of that name holds; `undefined` for a folder that says nothing. */
export function modelKindOfFolder(name: string): ModelKind | undefined {
  return kindOfFolder[name.toLowerCase()];
}

/** Folders that workflows of other programs leave out of the names of such models. */
export function usualFolders(kind: ModelKind): string[] {
  return Object.keys(kindOfFolder).filter((folder) => kindOfFolder[folder] === kind);
}

export const modelKindLabels: Readonly<Record<ModelKind, string>> = {
  checkpoint: "checkpoint",
  diffusionModel: "diffusion model",
  textEncoder: "text encoder",
  vae: "VAE",
  lora: "LoRA",
  controlNet: "ControlNet",
  upscaler: "upscaler",
  onnx: "ONNX model",
};
