import type { JsonValue } from "../document.ts";
import { parseLoras } from "../values.ts";

/** A node of ComfyUI's API format, its links still by Heddle's ports. */
export interface ApiNode {
  classType: string;
  /** Widget values by name. */
  values: Record<string, JsonValue>;
  /** ComfyUI input: Heddle input whose source it gets, or the node of this rule (by suffix) that gives it. */
  links: Record<string, string | { own: string; slot: number }>;
}

/** How one Heddle node is written as ComfyUI nodes; `main` has its id, the others a suffix to it. */
export interface ApiNodes {
  main: ApiNode;
  others?: Record<string, ApiNode>;
  /** Heddle output: which node (`main` or a suffix) and slot gives it. */
  outputs: Record<string, { node: string; slot: number }>;
}

/** What a rule needs to know of a node beside its own params. */
export interface ExportFacts {
  /** All params, those left out at their defaults. */
  params: Readonly<Record<string, JsonValue>>;
  /** Whether an input has a source that is no mere value: those are among the params. */
  hasLink(input: string): boolean;
  /** Whether anything comes in at an input. */
  isLinked(input: string): boolean;
  /** How many pictures the empty latent behind the node is for. */
  latentBatch(): number;
  /** Widget values that ComfyUI had and Heddle has no setting for. */
  kept: Readonly<Record<string, JsonValue>>;
  /** The size behind a preset. */
  presetSize(preset: string): { width: number; height: number } | undefined;
}

/** The nodes, or a sentence that says why it cannot be written. */
export type ExportRule = (facts: ExportFacts) => ApiNodes | string;

const one = (
  classType: string,
  values: Record<string, JsonValue>,
  links: Record<string, string>,
  outputs: readonly string[],
): ApiNodes => ({
  main: { classType, values, links },
  outputs: Object.fromEntries(outputs.map((port, slot) => [port, { node: "main", slot }])),
});

const isFileName = (value: JsonValue | undefined) =>
  typeof value === "string" && /\.(safetensors|sft|gguf|ckpt|pt)$/i.test(value);
const isGguf = (value: JsonValue | undefined) => typeof value === "string" && /\.gguf$/i.test(value);
const text = (value: JsonValue | undefined) => (typeof value === "string" ? value : "");

const folderModel = (name: JsonValue | undefined) =>
  `it loads "${text(name)}", a folder; ComfyUI loads single files (.safetensors)`;

/** The sides of a picture may come over links. */
function withSides(nodes: ApiNodes, hasLink: ExportFacts["hasLink"]): ApiNodes {
  for (const side of ["width", "height"]) if (hasLink(side)) nodes.main.links[side] = side;
  return nodes;
}

const differential = "grey of its mask stands for strength (Grey of the mask)";

const sampler: ExportRule = ({ params, hasLink, latentBatch }) => {
  const { seed, steps, guidance, solver, schedule, denoise, startStep, endStep, addNoise, finish } = params;
  if (text(solver).startsWith("flow_") || text(schedule).startsWith("flow_")) {
    return `ComfyUI has no solver "${text(solver)}" with the schedule "${text(schedule)}"; choose ones without "flow_"`;
  }
  if (params.strengthRule === "truncate" && denoise !== 1) return "its denoise works as in diffusers (Strength rule)";
  if (params.cfgNormalization !== 0 || params.cfgTruncation !== 1) return "it uses CFG normalisation or truncation";
  if (params.batchNoise !== "tensor" && latentBatch() > 1) {
    return "its pictures have a seed each (Noise of a batch), which ComfyUI draws from one";
  }
  const links: Record<string, string> = { model: "model", positive: "positive", latent_image: "latent" };
  const common = { steps: steps!, cfg: guidance!, sampler_name: solver!, scheduler: schedule! };
  const isWhole = startStep === 0 && Number(endStep) >= Number(steps) && addNoise === true;
  const nodes = isWhole
    ? one("KSampler", { seed: seedNumber(seed), ...common, denoise: denoise! }, links, ["latent"])
    : one(
        "KSamplerAdvanced",
        {
          add_noise: addNoise === true ? "enable" : "disable",
          noise_seed: seedNumber(seed),
          ...common,
          start_at_step: startStep!,
          end_at_step: endStep!,
          return_with_leftover_noise: finish === true ? "disable" : "enable",
        },
        links,
        ["latent"],
      );
  if (!isWhole && denoise !== 1) return "it runs a part of the steps and has a denoise below 1";
  // Without guidance ComfyUI never asks what the negative says, but it wants one.
  if (hasLink("negative")) nodes.main.links.negative = "negative";
  else if (guidance === 1) nodes.main.links.negative = "positive";
  else return "it has guidance and no negative prompt; connect an empty Prompt";
  return nodes;
};

/** A seed beyond a JSON number's exact range is written as digits by the exporter. */
function seedNumber(seed: JsonValue | undefined): JsonValue {
  return seed ?? 0;
}

export const exportRules: Readonly<Record<string, ExportRule>> = {
  "load-model": ({ params }) =>
    isFileName(params.checkpoint)
      ? one("CheckpointLoaderSimple", { ckpt_name: params.checkpoint! }, {}, ["model", "textEncoder", "vae"])
      : folderModel(params.checkpoint),
  "load-diffusion-model": ({ params, kept }) => {
    const name = params.diffusionModel!;
    if (!isFileName(name)) return folderModel(name);
    return isGguf(name)
      ? one("UnetLoaderGGUF", { unet_name: name }, {}, ["model"])
      : one("UNETLoader", { unet_name: name, weight_dtype: kept.weight_dtype ?? "default" }, {}, ["model"]);
  },
  "load-text-encoder": ({ params, kept }) => {
    const name = params.textEncoder!;
    if (!isFileName(name)) return folderModel(name);
    return isGguf(name)
      ? one("CLIPLoaderGGUF", { clip_name: name, type: kept.type ?? "lumina2" }, {}, ["textEncoder"])
      : one("CLIPLoader", { clip_name: name, type: kept.type ?? "lumina2", device: kept.device ?? "default" }, {}, [
          "textEncoder",
        ]);
  },
  "load-vae": ({ params }) =>
    isFileName(params.vae) ? one("VAELoader", { vae_name: params.vae! }, {}, ["vae"]) : folderModel(params.vae),
  "load-lora": ({ params, hasLink, kept }) =>
    hasLink("textEncoder")
      ? one(
          "LoraLoader",
          {
            lora_name: params.lora!,
            strength_model: params.weight!,
            strength_clip: kept.strength_clip ?? params.weight!,
          },
          { model: "model", clip: "textEncoder" },
          ["model", "textEncoder"],
        )
      : one("LoraLoaderModelOnly", { lora_name: params.lora!, strength_model: params.weight! }, { model: "model" }, [
          "model",
        ]),
  "lora-stack": ({ params, hasLink }) => {
    const loras = (parseLoras(params.loras) ?? []).filter(({ enabled }) => enabled);
    const hasEncoder = hasLink("textEncoder");
    const loaders = loras.map(({ name, weight }, index): ApiNode => {
      const before = (slot: number, port: string) => (index === 0 ? port : { own: `lora-${index}`, slot });
      return {
        classType: hasEncoder ? "LoraLoader" : "LoraLoaderModelOnly",
        values: { lora_name: name, strength_model: weight, ...(hasEncoder ? { strength_clip: weight } : {}) },
        links: { model: before(0, "model"), ...(hasEncoder ? { clip: before(1, "textEncoder") } : {}) },
      };
    });
    const last = loaders.at(-1);
    if (!last) return "its list of LoRAs cannot be read";
    return {
      main: last,
      others: Object.fromEntries(loaders.slice(0, -1).map((loader, index) => [`lora-${index + 1}`, loader])),
      outputs: {
        model: { node: "main", slot: 0 },
        ...(hasEncoder ? { textEncoder: { node: "main", slot: 1 } } : {}),
      },
    };
  },
  "load-controlnet": ({ params }) => one("ModelPatchLoader", { name: params.controlNet! }, {}, ["controlNet"]),
  "apply-controlnet": ({ params }) =>
    params.start === 0 && params.end === 1 && params.range === "share" && params.mode === "balanced"
      ? one(
          "QwenImageDiffsynthControlnet",
          { strength: params.strength! },
          { model: "model", model_patch: "controlNet", image: "image", vae: "vae" },
          ["model"],
        )
      : "its start, end and mode have no equal in ComfyUI",
  "model-sampling": ({ params }) =>
    params.fromSize === true
      ? "its shift follows the picture’s size"
      : one("ModelSamplingAuraFlow", { shift: params.shift! }, { model: "model" }, ["model"]),
  prompt: ({ params, hasLink }) =>
    hasLink("text")
      ? "its text comes from another node"
      : one("CLIPTextEncode", { text: params.text! }, { clip: "textEncoder" }, ["conditioning"]),
  "conditioning-zero": () => one("ConditioningZeroOut", {}, { conditioning: "conditioning" }, ["conditioning"]),
  "conditioning-average": ({ params }) =>
    one(
      "ConditioningAverage",
      { conditioning_to_strength: params.share! },
      { conditioning_to: "first", conditioning_from: "second" },
      ["conditioning"],
    ),
  "image-size": ({ params, hasLink, isLinked, presetSize }) => {
    const isSizeLinked = isLinked("width") || isLinked("height");
    // A side over a link makes the size a custom one.
    const isCustom = params.preset === "custom" || isSizeLinked;
    const size = isCustom ? { width: params.width!, height: params.height! } : presetSize(text(params.preset));
    if (!size) return `its size "${text(params.preset)}" is unknown`;
    return withSides(one("EmptySD3LatentImage", { ...size, batch_size: params.batch! }, {}, ["latent"]), hasLink);
  },
  "size-from-image": () => ({
    ...one("GetImageSize", {}, { image: "image" }, ["width", "height", "pictures"]),
  }),
  sampler,
  "vae-decode": () => one("VAEDecode", {}, { samples: "latent", vae: "vae" }, ["image"]),
  "vae-encode": ({ params, hasLink }) => {
    if (params.sample === true) return "it takes a random sample of what the VAE encodes";
    if (params.copies !== 1) return "it makes several pictures from one";
    if (hasLink("mask") && params.maskRule === "differential") return differential;
    const encode: ApiNode = { classType: "VAEEncode", values: {}, links: { pixels: "image", vae: "vae" } };
    if (!hasLink("mask")) return { main: encode, outputs: { latent: { node: "main", slot: 0 } } };
    return {
      main: {
        classType: "SetLatentNoiseMask",
        values: {},
        links: { samples: { own: "encode", slot: 0 }, mask: "mask" },
      },
      others: { encode },
      outputs: { latent: { node: "main", slot: 0 } },
    };
  },
  "set-mask": ({ params }) =>
    params.maskRule === "differential"
      ? differential
      : one("SetLatentNoiseMask", {}, { samples: "latent", mask: "mask" }, ["latent"]),
  "load-image": ({ kept }) =>
    typeof kept.image === "string"
      ? one("LoadImage", { image: kept.image }, {}, ["image", "mask"])
      : "its picture is in Heddle’s store, where ComfyUI cannot reach it",
  "save-image": ({ params, kept }) =>
    one(
      "SaveImage",
      {
        filename_prefix:
          kept.filename_prefix ??
          text(params.name)
            .replace(/-?%counter%/g, "")
            .replace(/%date%/g, "%date:yyyy-MM-dd%"),
      },
      { images: "image" },
      [],
    ),
  "preview-image": () => one("PreviewImage", {}, { images: "image" }, []),
  "invert-image": () => one("ImageInvert", {}, { image: "image" }, ["image"]),
  "upscale-image": ({ params, hasLink }) => {
    if (hasLink("factor")) return "its factor comes from another node";
    if (params.method === "mitchell") return "ComfyUI cannot resize with Mitchell";
    const method = { upscale_method: params.method === "nearest" ? "nearest-exact" : params.method! };
    return params.by === "factor"
      ? one("ImageScaleBy", { ...method, scale_by: params.factor! }, { image: "image" }, ["image"])
      : withSides(
          one(
            "ImageScale",
            { ...method, width: params.width!, height: params.height!, crop: "disabled" },
            { image: "image" },
            ["image"],
          ),
          hasLink,
        );
  },
  "upscale-with-model": ({ params }) => ({
    main: {
      classType: "ImageUpscaleWithModel",
      values: {},
      links: { upscale_model: { own: "upscaler", slot: 0 }, image: "image" },
    },
    others: { upscaler: { classType: "UpscaleModelLoader", values: { model_name: params.upscaler! }, links: {} } },
    outputs: { image: { node: "main", slot: 0 } },
  }),
  "mask-to-image": () => one("MaskToImage", {}, { mask: "mask" }, ["image"]),
  "crop-image": ({ params, hasLink }) =>
    hasLink("mask")
      ? "it crops a mask as well"
      : one(
          "ImageCrop",
          { width: params.width!, height: params.height!, x: params.left!, y: params.top! },
          { image: "image" },
          ["image"],
        ),
  "pad-image": ({ params }) =>
    params.fill === "grey"
      ? one(
          "ImagePadForOutpaint",
          {
            left: params.left!,
            top: params.top!,
            right: params.right!,
            bottom: params.bottom!,
            feathering: params.feather!,
          },
          { image: "image" },
          ["image", "mask"],
        )
      : "ComfyUI fills what it adds with grey only",
  "resize-image": ({ params, hasLink }) => {
    if (hasLink("mask")) return "it resizes a mask as well";
    const { mode, width, height, position } = params;
    if ((mode === "fill" && position === "centre") || mode === "stretch") {
      const crop = mode === "fill" ? "center" : "disabled";
      return withSides(
        one("ImageScale", { upscale_method: "lanczos", width: width!, height: height!, crop }, { image: "image" }, [
          "image",
        ]),
        hasLink,
      );
    }
    return `ComfyUI has no equal for its mode "${text(mode)}"`;
  },
  "conditioning-combine": () =>
    one("ConditioningCombine", {}, { conditioning_1: "first", conditioning_2: "second" }, ["conditioning"]),
  "composite-image": ({ params, hasLink }) => {
    if (params.blend !== "over" || params.opacity !== 1) return "ComfyUI has no equal for its blend mode and opacity";
    const nodes = one(
      "ImageCompositeMasked",
      { x: params.x!, y: params.y!, resize_source: false },
      { destination: "base", source: "overlay" },
      ["image"],
    );
    for (const port of ["x", "y", "mask"]) if (hasLink(port)) nodes.main.links[port] = port;
    return nodes;
  },
  "combine-images": ({ hasLink }) =>
    hasLink("second") && !hasLink("third") && !hasLink("fourth")
      ? one("ImageBatch", {}, { image1: "first", image2: "second" }, ["image"])
      : "ComfyUI combines two batches at a time",
};
