import type { DefinitionLookup } from "../definition.ts";
import type { JsonValue } from "../document.ts";
import { type Draft, DraftBuilder, type End } from "./draft-builder.ts";

/** The settings of one picture, as services and pictures state them. */
export interface Settings {
  title: string;
  checkpoint: string;
  prompt: string;
  negativePrompt?: string;
  /** A preset of the Image Size node, pixels, or "picture": as large as the picture to start from, else the one that steers. */
  size: string | { width: number; height: number };
  pictures: number;
  /** Params of the Sampler; what is left out is at its default. */
  sampler: Record<string, JsonValue>;
  loras: { name: string; weight: number }[];
  /** The sigma shift; the model's own without. */
  shift?: number;
  /** Params of Save Image. */
  save: Record<string, JsonValue>;
  /** Start from a picture, with a mask where `masked`; the person puts it in. */
  startsFromPicture?: boolean;
  masked?: boolean;
  /** Only the masked part with so many pixels around it is drawn, enlarged to the size; for sizes in pixels. */
  maskMargin?: number;
  /** ControlNets, each with a picture that steers. */
  controls?: readonly ControlSettings[];
  /** Params of Seamless Tiling. */
  tiling?: Record<string, JsonValue>;
  /** Params of Accelerate. */
  acceleration?: Record<string, JsonValue>;
  /** Whether the language model writes the prompt out first. */
  expandsPrompt?: boolean;
  /** Params of Refine Faces. */
  faces?: Record<string, JsonValue>;
  /** Params of Safety Check. */
  safety?: Record<string, JsonValue>;
}

export interface ControlSettings {
  /** File of the ControlNet; empty where it is not said. */
  name: string;
  /** Params of Apply ControlNet. */
  params: Record<string, JsonValue>;
  /** What makes the hint of the picture. */
  preprocess?: { type: "preprocess-control" | "preprocess-with-model"; params: Record<string, JsonValue> };
}

/** The workflow that draws one picture of these settings; `origin` keeps what has no place in it, under the service's name. */
export function draftWorkflow(
  settings: Settings,
  definitions: DefinitionLookup,
  origin: Record<string, JsonValue>,
): Draft {
  const builder = new DraftBuilder(definitions);
  builder.add("model", "load-model", { checkpoint: settings.checkpoint });
  let model: End = { node: "model", port: "model" };
  let vae: End = { node: "model", port: "vae" };
  let textEncoder: End = { node: "model", port: "textEncoder" };
  if (settings.loras.length > 0) {
    const loras = settings.loras.map((lora) => ({ ...lora, enabled: true }));
    model = builder.chain("loras", "lora-stack", { loras }, model);
    builder.link(textEncoder, "loras", "textEncoder");
    textEncoder = { node: "loras", port: "textEncoder" };
  }
  if (settings.shift !== undefined) {
    model = builder.chain("shift", "model-sampling", { fromSize: false, shift: settings.shift }, model);
  }
  if (settings.tiling) {
    model = builder.chain("tiling", "seamless-tiling", settings.tiling, model);
    builder.link(vae, "tiling", "vae");
    vae = { node: "tiling", port: "vae" };
  }
  for (const [index, control] of (settings.controls ?? []).entries()) {
    model = addControl(builder, controlId(index), control, model, vae);
  }
  // Faces are drawn with all blocks: they have few steps, and are what people look at.
  const unaccelerated = model;
  if (settings.acceleration) model = builder.chain("accelerate", "accelerate", settings.acceleration, model);
  addPrompt(builder, settings, textEncoder);
  const start = addStart(builder, settings, vae);
  builder.add("sampler", "sampler", settings.sampler);
  builder.link(model, "sampler", "model");
  builder.link({ node: "prompt", port: "conditioning" }, "sampler", "positive");
  const hasNegative = settings.negativePrompt !== undefined && settings.negativePrompt !== "";
  if (hasNegative) {
    builder.add("negative", "prompt", { text: settings.negativePrompt! }, "Negative prompt");
    builder.link(textEncoder, "negative", "textEncoder");
    builder.link({ node: "negative", port: "conditioning" }, "sampler", "negative");
  }
  builder.link({ node: start.latent, port: "latent" }, "sampler", "latent");
  builder.link(vae, "sampler", "vae");
  builder.add("decode", "vae-decode", {});
  builder.link({ node: "sampler", port: "latent" }, "decode", "latent");
  builder.link(vae, "decode", "vae");
  let image = start.finish("decode");
  if (settings.faces) {
    builder.chain("faces", "refine-faces", { ...settings.faces, ...seedOf(settings) }, unaccelerated);
    builder.link({ node: image, port: "image" }, "faces", "image");
    builder.link(vae, "faces", "vae");
    builder.link({ node: "prompt", port: "conditioning" }, "faces", "positive");
    if (hasNegative) builder.link({ node: "negative", port: "conditioning" }, "faces", "negative");
    image = "faces";
  }
  if (settings.safety) {
    builder.add("safety", "safety-check", settings.safety);
    builder.link({ node: image, port: "image" }, "safety", "image");
    image = "safety";
  }
  builder.add("save", "save-image", settings.save);
  builder.link({ node: image, port: "image" }, "save", "image");
  return builder.finish(settings.title, origin);
}

/** The id of the Apply ControlNet of the n-th of {@link Settings.controls}; its other nodes' ids begin with it. */
export const controlId = (index: number): string => (index === 0 ? "control" : `control-${index + 1}`);

function addControl(builder: DraftBuilder, id: string, control: ControlSettings, model: End, vae: End): End {
  const steered = builder.chain(id, "apply-controlnet", control.params, model);
  builder.add(`${id}-net`, "load-controlnet", { controlNet: control.name });
  builder.link({ node: `${id}-net`, port: "controlNet" }, id, "controlNet");
  builder.add(`${id}-picture`, "load-image", {}, "Picture that steers");
  let hint = `${id}-picture`;
  if (control.preprocess) {
    builder.add(`${id}-hint`, control.preprocess.type, control.preprocess.params);
    builder.link({ node: hint, port: "image" }, `${id}-hint`, "image");
    hint = `${id}-hint`;
  }
  builder.link({ node: hint, port: "image" }, id, "image");
  builder.link(vae, id, "vae");
  return steered;
}

function addPrompt(builder: DraftBuilder, settings: Settings, textEncoder: End): void {
  const { prompt: text } = settings;
  if (settings.expandsPrompt) {
    builder.add("expand", "expand-prompt", { text, ...seedOf(settings) });
    builder.link({ node: "model", port: "textEncoder" }, "expand", "textEncoder");
  }
  builder.add("prompt", "prompt", { text });
  builder.link(textEncoder, "prompt", "textEncoder");
  if (settings.expandsPrompt) builder.link({ node: "expand", port: "text" }, "prompt", "text");
}

function seedOf({ sampler: { seed } }: Settings): Record<string, JsonValue> {
  return seed === undefined ? {} : { seed };
}

interface Start {
  /** The node that gives the latent. */
  latent: string;
  /** Brings what was drawn to where it belongs; takes and returns the node that gives it. */
  finish: (drawn: string) => string;
}

/** Where sampling starts: nothing but a size, or a picture brought to that size. */
function addStart(builder: DraftBuilder, settings: Settings, vae: End): Start {
  const { size, pictures, startsFromPicture, masked, maskMargin } = settings;
  if (!startsFromPicture) {
    if (size === "picture") {
      builder.add("size", "size-from-image", { batch: pictures });
      builder.link({ node: `${controlId(0)}-picture`, port: "image" }, "size", "image");
      builder.link({ node: "model", port: "model" }, "size", "model");
    } else builder.add("size", "image-size", { ...sidesOf(size), batch: pictures });
    return { latent: "size", finish: (drawn) => drawn };
  }
  builder.add("picture", "load-image", {}, "Picture to start from");
  let image = "picture";
  if (size !== "picture") {
    builder.add("size", "image-size", sidesOf(size));
    resize("resize", "fill", "picture");
    image = "resize";
  }
  const whole = image;
  const isZoomed = masked && maskMargin !== undefined && size !== "picture";
  if (isZoomed) {
    builder.add("crop", "crop-to-mask", { margin: maskMargin });
    builder.link({ node: whole, port: "image" }, "crop", "image");
    builder.link({ node: whole, port: "mask" }, "crop", "mask");
    resize("zoom", "inside", "crop");
    image = "zoom";
  }
  builder.add("encode", "vae-encode", { copies: pictures });
  builder.link({ node: image, port: "image" }, "encode", "image");
  builder.link(vae, "encode", "vae");
  if (masked) builder.link({ node: image, port: "mask" }, "encode", "mask");
  return {
    latent: "encode",
    finish: (drawn) => {
      if (!masked) return drawn;
      // What is not drawn anew stays exactly as it was, which no VAE gives back.
      builder.add("blend", "composite-image", {});
      builder.link({ node: whole, port: "image" }, "blend", "base");
      if (!isZoomed) {
        builder.link({ node: drawn, port: "image" }, "blend", "overlay");
        builder.link({ node: whole, port: "mask" }, "blend", "mask");
        return "blend";
      }
      builder.add("reduce", "resize-image", { mode: "stretch" });
      builder.link({ node: drawn, port: "image" }, "reduce", "image");
      builder.link({ node: "crop", port: "width" }, "reduce", "width");
      builder.link({ node: "crop", port: "height" }, "reduce", "height");
      builder.link({ node: "reduce", port: "image" }, "blend", "overlay");
      builder.link({ node: "crop", port: "mask" }, "blend", "mask");
      builder.link({ node: "crop", port: "left" }, "blend", "x");
      builder.link({ node: "crop", port: "top" }, "blend", "y");
      return "blend";
    },
  };

  /** Brings picture and mask of `from` to the size that is asked for. */
  function resize(id: string, mode: string, from: string): void {
    builder.add(id, "resize-image", { mode });
    builder.link({ node: from, port: "image" }, id, "image");
    if (masked) builder.link({ node: from, port: "mask" }, id, "mask");
    builder.link({ node: "size", port: "width" }, id, "width");
    builder.link({ node: "size", port: "height" }, id, "height");
  }
}

function sidesOf(size: Settings["size"]): Record<string, JsonValue> {
  return typeof size === "string" ? { preset: size } : { preset: "custom", ...size };
}
