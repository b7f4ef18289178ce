import type { JsonValue, WorkflowDocument, WorkflowLink, WorkflowNode } from "../../../graph/document.ts";
import { imageToJson } from "../../../graph/values.ts";

/** What a hosted service's request comes down to, in Heddle's own terms. */
export interface PictureOrder {
  checkpoint: string;
  prompt: string;
  negativePrompt?: string | undefined;
  /** Pixels; the model's nearest size is drawn. */
  width: number;
  height: number;
  /** How many; the first has `seed`, the next `seed + 1`, … */
  pictures: number;
  /** A safe integer, or a decimal string. */
  seed: number | string;
  steps: number;
  /** The conventional CFG scale: 1 is off. */
  guidance: number;
  solver?: string | undefined;
  schedule?: string | undefined;
  /** A picture to start from. */
  start?: StartPicture | undefined;
  loras: readonly { name: string; weight: number }[];
  controls: readonly ControlPicture[];
  /** Params of Accelerate; every block runs without it. */
  acceleration?: Record<string, JsonValue> | undefined;
  /** Params of Seamless Tiling. */
  tiling?: { mode: string; tileSize: number; tileStride: number } | undefined;
  /** Whether the language model writes the prompt out first. */
  expandsPrompt?: boolean | undefined;
  /** Params of Refine Faces. */
  faces?: Record<string, JsonValue> | undefined;
  /** What looks at the pictures, and what becomes of unsafe ones. */
  safety?: { classifier: string; action: "block" | "pass" } | undefined;
  format: "png" | "jpeg" | "webp";
  /** 1 to 100; for PNG without meaning. */
  quality: number;
  /** Pattern of Save Image. */
  fileName: string;
}

export interface StartPicture {
  /** SHA-256 of the picture. */
  picture: string;
  /** How much of it is drawn anew, 0 to 1. */
  strength: number;
  /** SHA-256 of a picture that is white where the other is drawn anew. */
  mask?: string | undefined;
  /** Only the masked part with so many pixels around it is drawn, enlarged to the size asked for. */
  maskMargin?: number | undefined;
  /** Pixels by which the picture grows, before it is brought to the size asked for. */
  outpaint?: { top: number; right: number; bottom: number; left: number; feather: number } | undefined;
}

export interface ControlPicture {
  model: string;
  /** SHA-256 of the picture. */
  picture: string;
  weight: number;
  mode?: "balanced" | "prompt" | "control" | undefined;
  /** Shares of the steps. */
  start: number;
  end: number;
  /** A method that needs no model, or a model by its name. */
  preprocess?: "canny" | { model: string } | undefined;
}

type Output = readonly [node: string, port: string];

/** The node whose text, when there is one, is the prompt that was drawn. */
export const EXPANSION_NODE = "expand";

/** The workflow that fills an order. Its nodes' names stand in the job's log. */
export function workflowOfOrder(order: PictureOrder): WorkflowDocument {
  const nodes: WorkflowNode[] = [];
  const links: WorkflowLink[] = [];
  const add = (id: string, type: string, params: Record<string, JsonValue>, inputs: Record<string, Output> = {}) => {
    nodes.push({ id, type, typeVersion: 1, position: { x: 0, y: 0 }, params, mode: "active" });
    for (const [port, [from, fromPort]] of Object.entries(inputs)) {
      links.push({
        id: `${from}.${fromPort}-${id}.${port}`,
        from: { node: from, port: fromPort },
        to: { node: id, port },
      });
    }
    return (port: string): Output => [id, port];
  };

  const checkpoint = add("model", "load-model", { checkpoint: order.checkpoint });
  let [model, textEncoder, vae] = [checkpoint("model"), checkpoint("textEncoder"), checkpoint("vae")];
  if (order.loras.length > 0) {
    const loras = order.loras.map(({ name, weight }) => ({ name, weight, enabled: true }));
    const stack = add("loras", "lora-stack", { loras }, { model, textEncoder });
    [model, textEncoder] = [stack("model"), stack("textEncoder")];
  }
  if (order.tiling) {
    const tiling = add("tiling", "seamless-tiling", order.tiling, { model, vae });
    [model, vae] = [tiling("model"), tiling("vae")];
  }
  const { prompt: text, seed } = order;
  const prompt = (id: string, words: string, linked: Record<string, Output> = {}) =>
    add(id, "prompt", { text: words }, { textEncoder, ...linked })("conditioning");
  const expansion: Record<string, Output> = order.expandsPrompt
    ? { text: add(EXPANSION_NODE, "expand-prompt", { text, seed }, { textEncoder: checkpoint("textEncoder") })("text") }
    : {};
  const positive = prompt("prompt", text, expansion);
  const negative: Record<string, Output> = order.negativePrompt
    ? { negative: prompt("negative", order.negativePrompt) }
    : {};
  const { width, height, pictures: batch } = order;
  const size = add("size", "image-size", { preset: "custom", width, height, batch }, { model: checkpoint("model") });
  const sides = { width: size("width"), height: size("height") };

  const start = order.start && addStart(order.start);
  for (const [index, control] of order.controls.entries()) {
    const id = order.controls.length > 1 ? `control-${index + 1}` : "control";
    const controlNet = add(`${id}-model`, "load-controlnet", { controlNet: control.model })("controlNet");
    let image = addPicture(`${id}-picture`, control.picture)("image");
    const { preprocess } = control;
    if (typeof preprocess === "string") {
      image = add(`${id}-hint`, "preprocess-control", { method: preprocess }, { image })("image");
    } else if (preprocess) {
      image = add(`${id}-hint`, "preprocess-with-model", { preprocessor: preprocess.model }, { image })("image");
    }
    const { weight: strength, mode = "balanced", start: from, end } = control;
    const params = { strength, mode, start: from, end };
    model = add(id, "apply-controlnet", params, { model, controlNet, image, vae })("model");
  }
  // Faces are drawn with all blocks: they have few steps, and are what people look at.
  const unaccelerated = model;
  if (order.acceleration) model = add("accelerate", "accelerate", order.acceleration, { model })("model");

  const { steps, guidance, solver = "euler", schedule = "flow_match" } = order;
  const denoise = order.start?.strength ?? 1;
  const latent = add(
    "sampler",
    "sampler",
    { seed, steps, guidance, solver, schedule, denoise, strengthRule: "truncate" },
    { model, positive, ...negative, latent: start?.latent ?? size("latent") },
  )("latent");
  let image = add("decode", "vae-decode", {}, { latent, vae })("image");
  if (start) image = start.finish(image);
  if (order.faces) {
    const inputs = { image, model: unaccelerated, vae, positive, ...negative };
    image = add("faces", "refine-faces", { ...order.faces, seed }, inputs)("image");
  }
  if (order.safety) image = add("safety", "safety-check", { check: "on", ...order.safety }, { image })("image");
  const { format, quality, fileName: name } = order;
  add("save", "save-image", { format, quality, name, metadata: false }, { image });
  return { format: "heddle-workflow", version: 1, title: "Order", nodes, links };

  function addPicture(id: string, hash: string) {
    return add(id, "load-image", { image: imageToJson(hash) });
  }

  function addStart({ picture, mask: maskPicture, maskMargin, outpaint }: StartPicture) {
    const { pictures: copies } = order;
    const loaded = addPicture("picture", picture);
    const stretch = (id: string, from: Record<string, Output>) =>
      add(id, "resize-image", { mode: maskPicture || outpaint ? "stretch" : "fill" }, { ...from, ...sides });
    let image: Output;
    let mask: Output | undefined;
    if (outpaint) {
      const padded = add("outpaint", "pad-image", { ...outpaint, fill: "edges" }, { image: loaded("image") });
      const resized = stretch("resize", { image: padded("image"), mask: padded("mask") });
      [image, mask] = [resized("image"), resized("mask")];
    } else image = stretch("resize", { image: loaded("image") })("image");
    if (maskPicture) {
      const drawn = stretch("mask-resize", { image: addPicture("mask-picture", maskPicture)("image") })("image");
      mask = add("mask", "image-to-mask", { source: "brightness" }, { image: drawn })("mask");
    }
    if (mask && maskMargin !== undefined) return zoomInto(image, mask, maskMargin, copies);
    const encoded = add("encode", "vae-encode", { copies }, { image, vae, ...(mask ? { mask } : {}) });
    return {
      latent: encoded("latent"),
      // What is not drawn anew stays exactly as it was, which no VAE gives back.
      finish: (drawn: Output) =>
        mask ? add("blend", "composite-image", {}, { base: image, overlay: drawn, mask })("image") : drawn,
    };
  }

  /** Draws the masked part with `margin` pixels around it at the whole size, and puts it back to where it was. */
  function zoomInto(image: Output, mask: Output, margin: number, copies: number) {
    const cut = add("crop", "crop-to-mask", { margin }, { image, mask });
    const large = add("zoom", "resize-image", { mode: "inside" }, { image: cut("image"), mask: cut("mask"), ...sides });
    const encoded = add("encode", "vae-encode", { copies }, { image: large("image"), mask: large("mask"), vae });
    return {
      latent: encoded("latent"),
      finish(drawn: Output): Output {
        const cutSize = { width: cut("width"), height: cut("height") };
        const overlay = add("reduce", "resize-image", { mode: "stretch" }, { image: drawn, ...cutSize })("image");
        const place = { mask: cut("mask"), x: cut("left"), y: cut("top") };
        return add("blend", "composite-image", {}, { base: image, overlay, ...place })("image");
      },
    };
  }
}
