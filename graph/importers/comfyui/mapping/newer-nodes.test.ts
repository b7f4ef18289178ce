import { expect, test } from "vitest";
import { findDefinition } from "../../../../nodes/definitions.ts";
import { lostInImport } from "../../../../test/support/no-loss.ts";
import { errorsOf, validateWorkflow } from "../../../validate.ts";
import type { Fields } from "../../fields.ts";
import { openAnyWorkflow } from "../../index.ts";

type Api = Record<string, { class_type: string; inputs: Record<string, unknown> }>;

const base: Api = {
  model: { class_type: "UNETLoader", inputs: { unet_name: "z.safetensors", weight_dtype: "default" } },
  clip: { class_type: "CLIPLoader", inputs: { clip_name: "q.safetensors", type: "lumina2" } },
  vae: { class_type: "VAELoader", inputs: { vae_name: "ae.safetensors" } },
  text: { class_type: "CLIPTextEncode", inputs: { text: "a house", clip: ["clip", 0] } },
  picture: { class_type: "LoadImage", inputs: { image: "x.png" } },
};
const open = (nodes: Api) => openAnyWorkflow(JSON.stringify({ ...base, ...nodes }), { definitions: findDefinition });
const sampler = (model: string, latent: [string, number], positive: [string, number] = ["text", 0]): Api => ({
  sampler: {
    class_type: "KSampler",
    inputs: {
      ...{ seed: 1, steps: 8, cfg: 1, sampler_name: "euler", scheduler: "simple", denoise: 1 },
      ...{ model: [model, 0], positive, negative: positive, latent_image: latent },
    },
  },
  decode: { class_type: "VAEDecode", inputs: { samples: ["sampler", 0], vae: ["vae", 0] } },
  save: { class_type: "SaveImage", inputs: { images: ["decode", 0], filename_prefix: "x" } },
});
const size: Api = { size: { class_type: "EmptySD3LatentImage", inputs: { width: 512, height: 512, batch_size: 1 } } };
const problems = ({ document }: ReturnType<typeof open>) =>
  errorsOf(validateWorkflow(document, findDefinition)).filter(({ code }) => code !== "image-not-chosen");
const nodeOf = ({ document }: ReturnType<typeof open>, id: string) => document.nodes.find((node) => node.id === id);

test("First Block Cache and TeaCache become Accelerate with their limits", () => {
  const inputs = { model: ["model", 0], object_to_patch: "diffusion_model", residual_diff_threshold: 0.12, start: 0.2 };
  const fb = open({
    fast: { class_type: "ApplyFBCacheOnModel", inputs: { ...inputs, end: 0.9, max_consecutive_cache_hits: -1 } },
    ...size,
    ...sampler("fast", ["size", 0]),
  });
  expect(nodeOf(fb, "fast")).toMatchObject({
    type: "accelerate",
    params: {
      preset: "custom",
      method: "first-block",
      firstBlockThreshold: 0.12,
      startPercent: 20,
      endPercent: 90,
      maxConsecutive: 5,
    },
  });
  expect(problems(fb)).toEqual([]);
  const tea = open({
    fast: {
      class_type: "TeaCache",
      inputs: { model: ["model", 0], model_type: "lumina_2", rel_l1_thresh: 0.3, start_percent: 0, end_percent: 1 },
    },
    ...size,
    ...sampler("fast", ["size", 0]),
  });
  expect(nodeOf(tea, "fast")).toMatchObject({ type: "accelerate", params: { method: "tea", teaDistance: 0.3 } });
  expect(problems(tea)).toEqual([]);
});

test("caches without an equal are left out, and that is said", () => {
  const opened = open({
    fast: { class_type: "EasyCache", inputs: { model: ["model", 0], reuse_threshold: 0.2 } },
    ...size,
    ...sampler("fast", ["size", 0]),
  });
  expect(problems(opened)).toEqual([]);
  expect(opened.report?.nodes.kept).toBe(0);
  expect(opened.report?.notes.map(({ message }) => message)).toContainEqual(expect.stringContaining("drawn in full"));
  const link = opened.document.links.find(({ to }) => to.node === "sampler" && to.port === "model");
  expect(link?.from.node).toBe("model");
});

test("InpaintModelConditioning gives the masked latent and passes the prompts on", () => {
  const opened = open({
    inpaint: {
      class_type: "InpaintModelConditioning",
      inputs: {
        ...{ positive: ["text", 0], negative: ["text", 0], vae: ["vae", 0], pixels: ["picture", 0] },
        ...{ mask: ["picture", 1], noise_mask: true },
      },
    },
    ...sampler("model", ["inpaint", 2], ["inpaint", 0]),
  });
  expect(problems(opened)).toEqual([]);
  const into = (node: string) =>
    opened.document.links
      .filter(({ to }) => to.node === node)
      .map(({ from, to }) => `${from.node}.${from.port} → ${to.port}`);
  expect(into("inpaint").sort()).toEqual(["picture.image → image", "picture.mask → mask", "vae.vae → vae"]);
  expect(into("sampler")).toContain("text.conditioning → positive");
});

test("pictures are sharpened and blurred, masks combined", () => {
  const opened = open({
    sharp: {
      class_type: "ImageSharpen",
      inputs: { image: ["picture", 0], sharpen_radius: 2, sigma: 1, alpha: 0.2 },
    },
    soft: { class_type: "ImageBlur", inputs: { image: ["sharp", 0], blur_radius: 6, sigma: 2 } },
    masks: {
      class_type: "MaskComposite",
      inputs: { destination: ["picture", 1], source: ["picture", 1], x: 0, y: 0, operation: "subtract" },
    },
    shown: { class_type: "MaskToImage", inputs: { mask: ["masks", 0] } },
    save: { class_type: "SaveImage", inputs: { images: ["soft", 0], filename_prefix: "x" } },
    save2: { class_type: "SaveImage", inputs: { images: ["shown", 0], filename_prefix: "y" } },
  });
  expect(problems(opened)).toEqual([]);
  expect(nodeOf(opened, "sharp")).toMatchObject({ type: "sharpen-image", params: { radius: 1, amount: 2 } });
  expect(nodeOf(opened, "soft")).toMatchObject({ type: "blur-image", params: { radius: 2 } });
  expect(nodeOf(opened, "masks")).toMatchObject({ type: "combine-masks", params: { operation: "difference" } });
});

test("Differential Diffusion is a setting of the mask; without it grey is told", () => {
  const inpaint = (model: string): Api => ({
    differential: { class_type: "DifferentialDiffusion", inputs: { model: ["model", 0], strength: 1 } },
    encode: { class_type: "VAEEncode", inputs: { pixels: ["picture", 0], vae: ["vae", 0] } },
    masked: { class_type: "SetLatentNoiseMask", inputs: { samples: ["encode", 0], mask: ["picture", 1] } },
    ...sampler(model, ["masked", 0]),
  });
  const soft = open(inpaint("differential"));
  expect(nodeOf(soft, "masked")).toMatchObject({ type: "set-mask", params: { maskRule: "differential" } });
  expect(soft.document.links.find(({ to }) => to.node === "sampler" && to.port === "model")?.from.node).toBe("model");
  expect(problems(soft)).toEqual([]);
  expect(lostInImport({ ...base, ...inpaint("differential") } as Fields, soft.document)).toEqual([]);
  const hard = open(inpaint("model"));
  expect(nodeOf(hard, "masked")?.params).toEqual({});
  expect(hard.report?.notes).toContainEqual(expect.objectContaining({ nodeId: "masked", field: "maskRule" }));
});

test("a seed that changed after every run stays, and that is said", () => {
  const randomized = sampler("model", ["size", 0]);
  Object.assign(randomized.sampler!.inputs, { control_after_generate: "randomize" });
  const opened = open({ ...size, ...randomized });
  expect(nodeOf(opened, "sampler")?.params.seed).toBe(1);
  const notesOf = ({ report }: typeof opened) => report?.notes.filter(({ nodeId }) => nodeId === "sampler");
  expect(notesOf(opened)).toMatchObject([{ field: "seed" }]);
  Object.assign(randomized.sampler!.inputs, { control_after_generate: "fixed" });
  expect(notesOf(open({ ...size, ...randomized }))).toEqual([]);
});
