import { textOf } from "../fields.ts";
import type { ComfyNode } from "./graph.ts";

/** What would do the work of a node that Heddle has no equal for; the first that fits counts. */
const replacements: readonly (readonly [sign: RegExp, cause: string, help: string])[] = [
  [
    /caption|tagger|interrogat|florence|joycaption|llm|gpt|ollama|gemini|qwen.?vl|vision/i,
    "write-text",
    "Write the text that it gave into the Prompt node yourself.",
  ],
  [
    /show ?(text|any)|display any|preview ?any|showanything|debug/i,
    "delete-display",
    "It only showed a value; delete it.",
  ],
  [
    /clean.?gpu|clear.?cache|free.?(vram|memory)|purge|unload|vram|garbage/i,
    "memory",
    "Heddle manages memory by itself: link what goes in to where it comes out, and delete it.",
  ],
  [
    /sage|teacache|torch.?compile|compile|fp8|easycache|dynamicvram|wavespeed|attention/i,
    "speed",
    "It only made ComfyUI faster: link what goes in to where it comes out, and delete it.",
  ],
  [/seamless|circular/i, "seamless", "Put Seamless Tiling behind the model and the VAE."],
  [/load ?image/i, "load-image", "Use Load Image, and drop the picture onto it."],
  [/compar/i, "compare", "Use Compare Images and Preview Image."],
  [
    /seedvr|upscal|hires|tiled?diffusion|ultimate ?sd/i,
    "upscale-again",
    "Use Upscale with Model or Upscale Image; for more detail encode the result, and sample once more at a low denoise.",
  ],
  [/face ?detail|facedetailer|detailer/i, "refine-faces", "Use Refine Faces, which draws each face anew."],
  [
    /face|reactor|swap|pulid|ipadapter|instantid/i,
    "none",
    "There is no replacement in Heddle yet. It can be muted or deleted.",
  ],
  [/^Conditioning/, "one-prompt", "Write what is wanted into one Prompt."],
  [/video|animate|wan|ltx/i, "video", "Heddle draws pictures, not video. It can be muted or deleted."],
  [
    /clipsetlastlayer|clip ?skip/i,
    "clip-layer",
    "Z-Image reads the same layer always: link what goes in to where it comes out, and delete it.",
  ],
  [/sigma|scheduler/i, "sampler-schedule", "Use the Sampler’s own schedule, steps and denoise."],
  [/clownshar|ksampler|sampler/i, "sampler-solver", "Use the Sampler with a solver of its list."],
  [/guider|cfg/i, "sampler-guidance", "Use the Sampler’s guidance, CFG normalisation and CFG truncation."],
  [/lora/i, "load-lora", "Use Load LoRA or the LoRA Stack, and choose the same files."],
  [/checkpoint|unet|model ?loader|load\w*DiT/i, "load-model", "Use Load Model or Load Diffusion Model."],
  [
    /canny|depth|pose|hed|lineart|mlsd|preprocessor/i,
    "preprocess",
    "Use Control Preprocessor, or Preprocess with Model for what needs a model of its own.",
  ],
  [/controlnet|model ?patch/i, "controlnet", "Use Load ControlNet and Apply ControlNet."],
  [/string|text|prompt|wildcard|style/i, "text-itself", "Write the text that it made into the node that used it."],
  [
    /math|int|float|number|slider|bool|compare|expression|switch|logic|primitive/i,
    "value-itself",
    "Type the value into the node that used it.",
  ],
  [/save|export/i, "save-image", "Use Save Image."],
  [/mask|segment|sam/i, "paint-mask", "Paint the mask on the picture in Load Image."],
  [
    /image|resize|scale|crop|color|blend/i,
    "image-beforehand",
    "Do this to the picture beforehand, or use one of Heddle’s image nodes.",
  ],
];

/** `cause` is the work that it does; none where nothing does it. */
export function replacementFor({ type }: ComfyNode): { cause?: string; help: string } {
  const [, cause, help] = replacements.find(([pattern]) => pattern.test(type)) ?? [];
  return cause !== undefined && help !== undefined
    ? { cause, help }
    : { help: "There is no replacement in Heddle. It can be muted or deleted." };
}

/** The pack that a node comes from: as the file says, or as the class's name gives away; none for ComfyUI's own nodes. */
export function packOf({ properties, type }: ComfyNode): string | undefined {
  const stated = textOf(properties.cnr_id) ?? textOf(properties.aux_id);
  if (stated !== undefined) return stated === "comfy-core" ? undefined : stated;
  const suffix = /[(|]\s*([\w-]+)\s*\)?$/.exec(type)?.[1];
  if (suffix !== undefined) return suffix;
  if (type.startsWith("easy ")) return "comfyui-easy-use";
  if (/KJ$/.test(type)) return "comfyui-kjnodes";
  return undefined;
}
