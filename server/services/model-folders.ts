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
  classifiers: "classifier",
  detectors: "detector",
  ultralytics: "detector",
  preprocessors: "preprocessor",
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

/** The name below the folders of its kind, as workflows of ComfyUI give it: `loras/style.safetensors` is `style.safetensors`. */
export function shortModelName(kind: ModelKind, name: string): string {
  const [first = "", ...rest] = name.split("/");
  return rest.length > 0 && kindOfFolder[first.toLowerCase()] === kind ? rest.join("/") : name;
}

const onnxKinds = ["classifier", "detector", "preprocessor", "onnx"] as const;

/** Whether models of a kind are ONNX files, which tell nothing without being loaded. */
export function isOnnxKind(kind: ModelKind): kind is (typeof onnxKinds)[number] {
  return onnxKinds.some((known) => known === kind);
}

/** The folder that new models of a kind go to. */
export const folderForKind: Readonly<Record<ModelKind, string>> = {
  checkpoint: "checkpoints",
  diffusionModel: "diffusion_models",
  textEncoder: "text_encoders",
  vae: "vae",
  lora: "loras",
  controlNet: "model_patches",
  upscaler: "upscale_models",
  classifier: "classifiers",
  detector: "detectors",
  preprocessor: "preprocessors",
  onnx: "onnx",
};

export const modelKindLabels: Readonly<Record<ModelKind, string>> = {
  checkpoint: "checkpoint",
  diffusionModel: "diffusion model",
  textEncoder: "text encoder",
  vae: "VAE",
  lora: "LoRA",
  controlNet: "ControlNet",
  upscaler: "upscaler",
  classifier: "picture classifier",
  detector: "object detector",
  preprocessor: "preprocessor",
  onnx: "ONNX model",
};
