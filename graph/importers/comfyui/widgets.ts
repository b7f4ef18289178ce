import type { JsonValue } from "../../document.ts";
import { type Fields, isFields } from "../fields.ts";

const CONTROL = "control_after_generate";
const controls = new Set(["fixed", "increment", "decrement", "randomize", "increment-wrap"]);

/**
 * Names of the widgets of ComfyUI's nodes in the order in which `widgets_values` lists them. The editor adds a hidden
 * "control after generate" behind every seed; it is part of the order. Sources: the INPUT_TYPES of ComfyUI's `nodes.py`
 * and `comfy_extras`, and the public repositories of the packs.
 */
const widgetNames: Readonly<Record<string, readonly string[]>> = {
  // loaders
  CheckpointLoaderSimple: ["ckpt_name"],
  UNETLoader: ["unet_name", "weight_dtype"],
  CLIPLoader: ["clip_name", "type", "device"],
  DualCLIPLoader: ["clip_name1", "clip_name2", "type", "device"],
  VAELoader: ["vae_name"],
  LoraLoader: ["lora_name", "strength_model", "strength_clip"],
  LoraLoaderModelOnly: ["lora_name", "strength_model"],
  ControlNetLoader: ["control_net_name"],
  ModelPatchLoader: ["name"],
  UpscaleModelLoader: ["model_name"],
  UnetLoaderGGUF: ["unet_name"],
  UnetLoaderGGUFAdvanced: ["unet_name", "dequant_dtype", "patch_dtype", "patch_on_device"],
  CLIPLoaderGGUF: ["clip_name", "type"],
  // conditioning
  CLIPTextEncode: ["text"],
  CLIPSetLastLayer: ["stop_at_clip_layer"],
  ConditioningAverage: ["conditioning_to_strength"],
  ControlNetApplyAdvanced: ["strength", "start_percent", "end_percent"],
  QwenImageDiffsynthControlnet: ["strength"],
  ZImageFunControlnet: ["strength"],
  // model
  ModelSamplingAuraFlow: ["shift"],
  ModelSamplingSD3: ["shift"],
  CFGNorm: ["strength"],
  DifferentialDiffusion: ["strength"],
  ApplyFBCacheOnModel: ["object_to_patch", "residual_diff_threshold", "start", "end", "max_consecutive_cache_hits"],
  TeaCache: ["model_type", "rel_l1_thresh", "start_percent", "end_percent", "cache_device"],
  // latents
  EmptyLatentImage: ["width", "height", "batch_size"],
  EmptySD3LatentImage: ["width", "height", "batch_size"],
  VAEDecodeTiled: ["tile_size", "overlap", "temporal_size", "temporal_overlap"],
  VAEEncodeTiled: ["tile_size", "overlap", "temporal_size", "temporal_overlap"],
  VAEEncodeForInpaint: ["grow_mask_by"],
  InpaintModelConditioning: ["noise_mask"],
  MaskComposite: ["x", "y", "operation"],
  RepeatLatentBatch: ["amount"],
  LatentUpscale: ["upscale_method", "width", "height", "crop"],
  LatentUpscaleBy: ["upscale_method", "scale_by"],
  // sampling
  KSampler: ["seed", CONTROL, "steps", "cfg", "sampler_name", "scheduler", "denoise"],
  KSamplerAdvanced: [
    "add_noise",
    "noise_seed",
    CONTROL,
    "steps",
    "cfg",
    "sampler_name",
    "scheduler",
    "start_at_step",
    "end_at_step",
    "return_with_leftover_noise",
  ],
  SamplerCustom: ["add_noise", "noise_seed", CONTROL, "cfg"],
  RandomNoise: ["noise_seed", CONTROL],
  CFGGuider: ["cfg"],
  KSamplerSelect: ["sampler_name"],
  SamplerEulerAncestral: ["eta", "s_noise"],
  SamplerDPMPP_2S_Ancestral: ["eta", "s_noise"],
  SamplerDPMPP_SDE: ["eta", "s_noise", "r", "noise_device"],
  SamplerDPMPP_2M_SDE: ["solver_type", "eta", "s_noise", "noise_device"],
  SamplerDPMPP_3M_SDE: ["eta", "s_noise", "noise_device"],
  SamplerLMS: ["order"],
  BasicScheduler: ["scheduler", "steps", "denoise"],
  KarrasScheduler: ["steps", "sigma_max", "sigma_min", "rho"],
  SplitSigmas: ["step"],
  SetFirstSigma: ["sigma"],
  ExtendIntermediateSigmas: ["steps", "start_at_sigma", "end_at_sigma", "spacing"],
  // images and masks
  LoadImage: ["image", "upload"],
  LoadImageMask: ["image", "channel", "upload"],
  LoadImageOutput: ["image", "refresh", "upload"],
  SaveImage: ["filename_prefix"],
  ImageScale: ["upscale_method", "width", "height", "crop"],
  ImageScaleBy: ["upscale_method", "scale_by"],
  ImageScaleToTotalPixels: ["upscale_method", "megapixels", "resolution_steps"],
  ImageScaleToMaxDimension: ["upscale_method", "largest_size"],
  ImagePadForOutpaint: ["left", "top", "right", "bottom", "feathering"],
  ImageSharpen: ["sharpen_radius", "sigma", "alpha"],
  ImageBlur: ["blur_radius", "sigma"],
  ImageCrop: ["width", "height", "x", "y"],
  Canny: ["low_threshold", "high_threshold"],
  GrowMask: ["expand", "tapered_corners"],
  FeatherMask: ["left", "top", "right", "bottom"],
  MaskToImage: [],
  ImageToMask: ["channel"],
  // values and text
  PrimitiveInt: ["value", CONTROL],
  PrimitiveFloat: ["value"],
  PrimitiveBoolean: ["value"],
  PrimitiveString: ["value"],
  PrimitiveStringMultiline: ["value"],
  StringReplace: ["string", "find", "replace"],
  StringTrim: ["string", "mode"],
  StringConcatenate: ["string_a", "string_b", "delimiter"],
  Note: ["text"],
  MarkdownNote: ["text"],
  // packs
  "Seed (rgthree)": ["seed"],
  "Lora Loader Stack (rgthree)": ["01", "02", "03", "04"].flatMap((number) => [`lora_${number}`, `strength_${number}`]),
  "Image Resize (rgthree)": ["measurement", "width", "height", "fit", "method"],
  "KSampler Config (rgthree)": ["steps_total", "refiner_step", "cfg", "sampler_name", "scheduler"],
  "KSampler (Efficient)": [
    "seed",
    CONTROL,
    "steps",
    "cfg",
    "sampler_name",
    "scheduler",
    "denoise",
    "preview_method",
    "vae_decode",
  ],
  SetNode: ["name"],
  GetNode: ["name"],
  INTConstant: ["value"],
  FloatConstant: ["value"],
  StringConstant: ["string"],
  StringConstantMultiline: ["string", "strip_newlines"],
  "easy seed": ["seed", CONTROL],
  "easy int": ["value"],
  "easy float": ["value"],
  "easy string": ["value"],
  "easy positive": ["positive"],
  "easy negative": ["negative"],
};

export interface NamedValues {
  values: Record<string, JsonValue>;
  unnamed: JsonValue[];
}

/**
 * Gives the values of a node's widgets their names. Nodes that the table does not know name their widgets themselves in
 * newer files (`inputs[].widget.name`); where that does not fit the number of values, they stay without names.
 */
export function nameWidgetValues(type: string, raw: JsonValue | undefined, inputs: readonly Fields[]): NamedValues {
  if (isFields(raw)) return { values: { ...raw }, unnamed: [] };
  if (!Array.isArray(raw)) return { values: {}, unnamed: [] };
  const names = (Object.hasOwn(widgetNames, type) ? widgetNames[type] : undefined) ?? ownNames(inputs, raw);
  if (!names) return { values: {}, unnamed: [...raw] };
  const fitting = withoutAbsentControl(names, raw);
  return {
    values: Object.fromEntries(fitting.slice(0, raw.length).map((name, index) => [name, raw[index]!])),
    unnamed: raw.slice(fitting.length),
  };
}

/** Files made by programs often leave the hidden widget out: then what stands in its place is no such word. */
function withoutAbsentControl(names: readonly string[], values: readonly JsonValue[]): readonly string[] {
  const at = names.indexOf(CONTROL);
  if (at < 0 || values.length >= names.length) return names;
  const value = values[at];
  return typeof value === "string" && controls.has(value) ? names : names.filter((name) => name !== CONTROL);
}

function ownNames(inputs: readonly Fields[], values: readonly JsonValue[]): readonly string[] | undefined {
  const names = inputs.flatMap(({ widget }) =>
    isFields(widget) && typeof widget.name === "string" ? [widget.name] : [],
  );
  if (names.length === 0) return undefined;
  if (names.length === values.length) return names;
  const withControls = names.flatMap((name) => (/^(noise_)?seed$/.test(name) ? [name, CONTROL] : [name]));
  return withControls.length === values.length ? withControls : undefined;
}
