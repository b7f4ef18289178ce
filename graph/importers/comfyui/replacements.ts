import { textOf } from "../fields.ts";
import type { ComfyNode } from "./graph.ts";

/** What would do the work of a node that Heddle has no equal for; the first that fits counts. */
const replacements: readonly (readonly [RegExp, string])[] = [
  [
    /caption|tagger|interrogat|florence|joycaption|llm|gpt|ollama|gemini|qwen.?vl|vision/i,
    "Write the text that it gave into the Prompt node yourself.",
  ],
  [/show ?(text|any)|display any|preview ?any|showanything|debug/i, "It only showed a value; delete it."],
  [
    /clean.?gpu|clear.?cache|free.?(vram|memory)|purge|unload|vram|garbage/i,
    "Heddle manages memory by itself: link what goes in to where it comes out, and delete it.",
  ],
  [
    /sage|teacache|torch.?compile|compile|fp8|easycache|dynamicvram|wavespeed|attention/i,
    "It only made ComfyUI faster: link what goes in to where it comes out, and delete it.",
  ],
  [/seamless|circular/i, "Put Seamless Tiling behind the model and the VAE."],
  [/load ?image/i, "Use Load Image, and drop the picture onto it."],
  [/compar/i, "Use Compare Images and Preview Image."],
  [
    /seedvr|upscal|hires|tiled?diffusion|ultimate ?sd/i,
    "Use Upscale with Model or Upscale Image; for more detail encode the result, and sample once more at a low denoise.",
  ],
  [/face ?detail|facedetailer|detailer/i, "Use Refine Faces, which draws each face anew."],
  [
    /face|reactor|swap|pulid|ipadapter|instantid/i,
    "There is no replacement in Heddle yet. It can be muted or deleted.",
  ],
  [/^Conditioning/, "Write what is wanted into one Prompt."],
  [/video|animate|wan|ltx/i, "Heddle draws pictures, not video. It can be muted or deleted."],
  [
    /clipsetlastlayer|clip ?skip/i,
    "Z-Image reads the same layer always: link what goes in to where it comes out, and delete it.",
  ],
  [/sigma|scheduler/i, "Use the Sampler’s own schedule, steps and denoise."],
  [/clownshar|ksampler|sampler/i, "Use the Sampler with a solver of its list."],
  [/guider|cfg/i, "Use the Sampler’s guidance, CFG normalisation and CFG truncation."],
  [/lora/i, "Use Load LoRA or the LoRA Stack, and choose the same files."],
  [/checkpoint|unet|model ?loader|load\w*DiT/i, "Use Load Model or Load Diffusion Model."],
  [
    /canny|depth|pose|hed|lineart|mlsd|preprocessor/i,
    "Use Control Preprocessor, or Preprocess with Model for what needs a model of its own.",
  ],
  [/controlnet|model ?patch/i, "Use Load ControlNet and Apply ControlNet."],
  [/string|text|prompt|wildcard|style/i, "Write the text that it made into the node that used it."],
  [
    /math|int|float|number|slider|bool|compare|expression|switch|logic|primitive/i,
    "Type the value into the node that used it.",
  ],
  [/save|export/i, "Use Save Image."],
  [/mask|segment|sam/i, "Paint the mask on the picture in Load Image."],
  [/image|resize|scale|crop|color|blend/i, "Do this to the picture beforehand, or use one of Heddle’s image nodes."],
];

export function replacementFor({ type }: ComfyNode): string {
  const found = replacements.find(([pattern]) => pattern.test(type));
  return found?.[1] ?? "There is no replacement in Heddle. It can be muted or deleted.";
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
