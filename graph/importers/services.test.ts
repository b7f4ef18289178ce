import { describe, expect, test } from "vitest";
import { findDefinition } from "../../nodes/definitions.ts";
import type { WorkflowNode } from "../document.ts";
import { errorsOf, validateWorkflow } from "../validate.ts";
import { parseParametersText } from "./a1111.ts";
import { type OpenedWorkflow, openAnyWorkflow } from "./index.ts";
import { findSamplerNames } from "./sampler-names.ts";

const open = (input: unknown) =>
  openAnyWorkflow(typeof input === "string" ? input : JSON.stringify(input), { definitions: findDefinition });

function paramsOf({ document }: OpenedWorkflow, id: string): WorkflowNode["params"] {
  const node = document.nodes.find((candidate) => candidate.id === id);
  if (!node) throw new Error(`no node ${id}`);
  return node.params;
}

const problemsOf = ({ document }: OpenedWorkflow) =>
  errorsOf(validateWorkflow(document, findDefinition)).map(({ nodeId, field }) => `${nodeId}.${field}`);

const linksOf = ({ document }: OpenedWorkflow) =>
  document.links.map(({ from, to }) => `${from.node}.${from.port} ${to.node}.${to.port}`);

const fieldsNoted = ({ report }: OpenedWorkflow) => report?.notes.map(({ message }) => message) ?? [];

describe("the parameters text of A1111", () => {
  const text = [
    "a harbour at night, <lora:ink-style:0.7> lanterns",
    "second line: still the prompt",
    "Negative prompt: blurry,",
    "low quality",
    'Steps: 24, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 4.5, Seed: 18446744073709551615, Size: 832x1216, Model hash: 0011aabb, Model: z-image-base, Denoising strength: 0.4, Hires upscale: 2, Lora hashes: "ink-style: 00ff, x: 1", Version: v1.10',
  ].join("\n");
  const opened = open(text);

  test("becomes the workflow that draws the picture", () => {
    expect(problemsOf(opened)).toEqual([]);
    expect(paramsOf(opened, "prompt").text).toBe("a harbour at night, lanterns\nsecond line: still the prompt");
    expect(paramsOf(opened, "negative").text).toBe("blurry,\nlow quality");
    expect(paramsOf(opened, "sampler")).toMatchObject({
      steps: 24,
      guidance: 4.5,
      seed: (2n ** 63n - 1n).toString(),
      solver: "dpmpp_2m",
      schedule: "karras",
    });
    expect(paramsOf(opened, "size")).toMatchObject({ preset: "custom", width: 832, height: 1216 });
    expect(paramsOf(opened, "model").checkpoint).toBe("z-image-base");
    expect(paramsOf(opened, "loras").loras).toEqual([{ name: "ink-style.safetensors", weight: 0.7, enabled: true }]);
  });

  test("says what was not taken over, and keeps it", () => {
    expect(fieldsNoted(opened)).toEqual([
      'The picture says "Denoising strength: 0.4", which was not taken over.',
      'The picture says "Hires upscale: 2", which was not taken over.',
    ]);
    expect(opened.document.a1111).toMatchObject({ "Hires upscale": "2", "Lora hashes": "ink-style: 00ff, x: 1" });
  });

  test("what Heddle itself writes is read back", () => {
    const own =
      "a boat\nSteps: 8, Sampler: res_multistep, Schedule type: simple, CFG scale: 1, Seed: 7, Size: 256x256, Model: starter/turbo, Version: Heddle";
    expect(paramsOf(open(own), "sampler")).toMatchObject({ solver: "res_multistep", schedule: "simple", seed: 7 });
  });

  test("a shift is taken over", () => {
    const shifted = open("x\nSteps: 8, Sampler: Euler, Seed: 1, Shift: 6");
    expect(paramsOf(shifted, "shift")).toEqual({ fromSize: false, shift: 6 });
    expect(linksOf(shifted)).toContain("shift.model sampler.model");
    expect(problemsOf(shifted)).toEqual([]);
  });

  test("text made to keep patterns busy takes no time", () => {
    const startedAt = performance.now();
    const busy = [`<lora:a:1> ${",".repeat(50_000)}x`, "<lora:a".repeat(20_000), `<lora:a:1:${"1".repeat(100_000)}`];
    for (const prompt of busy) open(`${prompt}\nSteps: 1,${" ".repeat(50_000)}x`);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test("a sampler that Heddle lacks is told", () => {
    expect(fieldsNoted(open("x\nSteps: 8, Sampler: Restart, Seed: 1"))).toContain(
      'The picture was drawn with the sampler "Restart", which Heddle does not have; Euler is used.',
    );
  });

  test("other text is none", () => {
    for (const other of ["", "hello", "Steps: many", "a prompt\nNegative prompt: x"]) {
      expect(parseParametersText(other)).toBeUndefined();
    }
  });
});

describe("sampler names of other programs", () => {
  test.each([
    ["Euler a", undefined, "euler_ancestral", "simple"],
    ["DPM++ 2M Karras", undefined, "dpmpp_2m", "karras"],
    ["DPM++ 2M SDE", "SGM Uniform", "dpmpp_2m_sde", "sgm_uniform"],
    ["Default", undefined, "euler", "simple"],
    ["FlowMatchEulerDiscreteScheduler", undefined, "euler", "simple"],
    ["UniPC", "Automatic", "uni_pc", "simple"],
  ])("%s with %s", (name, schedule, solver, expected) => {
    expect(findSamplerNames(findDefinition, name, schedule, "simple")).toEqual({ solver, schedule: expected });
  });

  test("an unknown one is none", () => {
    expect(findSamplerNames(findDefinition, "Restart Karras", undefined, "simple")).toBeUndefined();
  });
});

describe("a fal request", () => {
  test("to the turbo endpoint, with the service's defaults", () => {
    const opened = open({
      endpoint: "fal-ai/z-image/turbo",
      input: { prompt: "a lighthouse", image_size: "square_hd" },
    });
    expect(opened.report?.format).toBe("fal");
    expect(problemsOf(opened)).toEqual([]);
    expect(paramsOf(opened, "sampler")).toMatchObject({ steps: 8, guidance: 1, denoise: 1 });
    expect(paramsOf(opened, "size")).toMatchObject({ preset: "square_hd", batch: 1 });
    expect(paramsOf(opened, "save").format).toBe("png");
  });

  test("to the base endpoint, with everything it takes", () => {
    const opened = open({
      prompt: "a lighthouse",
      negative_prompt: "people",
      image_size: { width: 1280, height: 720 },
      num_inference_steps: 30,
      guidance_scale: 5,
      seed: 5,
      num_images: 3,
      output_format: "webp",
      loras: [{ path: "https://example.org/a/ink.safetensors?download=1", scale: 0.5 }],
      acceleration: "regular",
      enable_safety_checker: true,
    });
    expect(problemsOf(opened)).toEqual([]);
    expect(paramsOf(opened, "model").checkpoint).toBe("Z-Image");
    expect(paramsOf(opened, "sampler")).toMatchObject({ steps: 30, guidance: 5 });
    expect(paramsOf(opened, "size")).toMatchObject({ width: 1280, height: 720, batch: 3 });
    expect(paramsOf(opened, "loras").loras).toEqual([{ name: "ink.safetensors", weight: 0.5, enabled: true }]);
    expect(fieldsNoted(opened).join("\n")).toContain("nothing was downloaded");
    expect(paramsOf(opened, "accelerate")).toMatchObject({ preset: "regular" });
    expect(paramsOf(opened, "safety")).toMatchObject({ check: "default", action: "block" });
    expect(fieldsNoted(opened).filter((note) => note.includes("not taken over"))).toEqual([]);
    expect(linksOf(opened)).toEqual(
      expect.arrayContaining([
        "loras.model accelerate.model",
        "accelerate.model sampler.model",
        "loras.textEncoder prompt.textEncoder",
        "decode.image safety.image",
        "safety.image save.image",
      ]),
    );
  });

  test("what is off adds no node, and an acceleration that there is not is told", () => {
    const off = open({
      prompt: "x",
      acceleration: "none",
      enable_safety_checker: false,
      enable_prompt_expansion: false,
    });
    expect(off.document.nodes.map(({ id }) => id)).toEqual(["model", "prompt", "size", "sampler", "decode", "save"]);
    const odd = open({ prompt: "x", acceleration: "ludicrous" });
    expect(odd.document.nodes).toHaveLength(off.document.nodes.length);
    expect(fieldsNoted(odd)).toContain("The request’s acceleration was not taken over.");
    expect(odd.document.fal).toMatchObject({ input: { acceleration: "ludicrous" } });
  });

  test("with the prompt written out: the same seed, and the text takes the prompt's place", () => {
    const opened = open({ prompt: "a lighthouse", image_size: "square", seed: 9, enable_prompt_expansion: true });
    expect(problemsOf(opened)).toEqual([]);
    expect(paramsOf(opened, "expand")).toMatchObject({ text: "a lighthouse", seed: 9, enabled: true });
    expect(linksOf(opened)).toEqual(
      expect.arrayContaining(["model.textEncoder expand.textEncoder", "expand.text prompt.text"]),
    );
  });

  test("to the tiling endpoint: model and VAE both go around, and the stride fits the tile", () => {
    const opened = open({
      endpoint: "fal-ai/z-image/turbo/tiling",
      input: { prompt: "moss", tiling_mode: "horizontal", tile_size: 48, acceleration: "high" },
    });
    expect(problemsOf(opened)).toEqual([]);
    expect(paramsOf(opened, "tiling")).toEqual({ mode: "horizontal", tileSize: 48, tileStride: 48 });
    expect(paramsOf(opened, "size").preset).toBe("square_hd");
    expect(linksOf(opened)).toEqual(
      expect.arrayContaining([
        "model.model tiling.model",
        "model.vae tiling.vae",
        "tiling.model accelerate.model",
        "tiling.vae decode.vae",
        "tiling.vae sampler.vae",
      ]),
    );
    expect(linksOf(opened)).not.toContain("model.vae decode.vae");
    const fromPicture = open({ prompt: "moss", tile_size: 64, image_url: "https://example.org/x.png" });
    expect(paramsOf(fromPicture, "tiling")).toMatchObject({ mode: "both", tileSize: 64, tileStride: 64 });
    expect(paramsOf(fromPicture, "sampler").denoise).toBe(0.6);
    expect(linksOf(fromPicture)).toEqual(
      expect.arrayContaining(["tiling.vae encode.vae", "size.width resize.width", "resize.image encode.image"]),
    );
  });

  test.each([
    ["canny", "preprocess-control", { method: "canny" }],
    ["depth", "preprocess-with-model", { preprocessor: "preprocessors/depth.onnx" }],
    ["pose", "preprocess-with-model", { preprocessor: "preprocessors/pose.onnx" }],
  ])("to the ControlNet endpoint, preprocessed with %s", (preprocess, type, params) => {
    const opened = open({
      endpoint: "fal-ai/z-image/turbo/controlnet",
      input: { prompt: "x", image_url: "https://example.org/x.png", control_scale: 0.6, preprocess },
    });
    expect(problemsOf(opened)).toEqual(["control-net.controlNet", "control-picture.image"]);
    expect(paramsOf(opened, "control")).toMatchObject({ strength: 0.6, start: 0, end: 0.8, range: "share" });
    expect(opened.document.nodes.find(({ id }) => id === "control-hint")?.type).toBe(type);
    expect(paramsOf(opened, "control-hint")).toMatchObject(params);
    expect(linksOf(opened)).toEqual(
      expect.arrayContaining([
        "control-picture.image control-hint.image",
        "control-hint.image control.image",
        "control-picture.image size.image",
        "size.latent sampler.latent",
      ]),
    );
    expect(fieldsNoted(opened)).toEqual(
      expect.arrayContaining([
        "The request does not say which ControlNet it takes.",
        "The picture in image_url was not fetched.",
      ]),
    );
  });

  test("the ControlNet's picture goes as it is without a preprocessor; a mask makes it inpainting", () => {
    const plain = open({ prompt: "x", image_url: "https://example.org/x.png", preprocess: "none" });
    expect(linksOf(plain)).toContain("control-picture.image control.image");
    const masked = open({
      prompt: "x",
      image_url: "https://example.org/x.png",
      mask_image_url: "https://example.org/m.png",
      control_scale: 0.5,
    });
    expect(paramsOf(masked, "sampler").denoise).toBe(1);
    expect(linksOf(masked)).toEqual(
      expect.arrayContaining([
        "picture.mask encode.mask",
        "decode.image blend.overlay",
        "picture.mask blend.mask",
        "blend.image save.image",
      ]),
    );
    expect(fieldsNoted(masked)).toContain("The request’s control_scale was not taken over.");
  });

  test("from a picture: it is not fetched, and the strength counts as the service counts it", () => {
    const opened = open({ prompt: "a lighthouse", image_url: "https://example.org/x.png", strength: 0.7 });
    expect(paramsOf(opened, "sampler")).toMatchObject({ denoise: 0.7, strengthRule: "truncate" });
    expect(problemsOf(opened)).toEqual(["picture.image"]);
  });
});

describe("a Runware task", () => {
  test("becomes a workflow", () => {
    const opened = open([
      { taskType: "authentication", apiKey: "secret" },
      {
        taskType: "imageInference",
        taskUUID: "0",
        model: "runware:z-image@0",
        positivePrompt: "a lighthouse",
        negativePrompt: "people",
        width: 1024,
        height: 768,
        steps: 28,
        CFGScale: 4.5,
        scheduler: "DPM++ 2M Karras",
        seed: 3,
        numberResults: 2,
        outputFormat: "JPG",
        outputQuality: 80,
        lora: [{ model: "someone:ink@1", weight: -0.5 }],
        controlNet: [{ model: "union", guideImage: "c64351d5", weight: 0.7, startStep: 0, endStep: 14 }],
        acceleratorOptions: { teaCache: true, teaCacheDistance: 0.3, cacheStartStep: 2, cacheMode: "x" },
      },
    ]);
    expect(opened.report?.format).toBe("runware");
    expect(problemsOf(opened)).toEqual(["control-picture.image"]);
    expect(paramsOf(opened, "sampler")).toMatchObject({
      steps: 28,
      guidance: 4.5,
      solver: "dpmpp_2m",
      schedule: "karras",
    });
    expect(paramsOf(opened, "save")).toMatchObject({ format: "jpeg", quality: 80 });
    expect(paramsOf(opened, "control")).toMatchObject({
      strength: 0.7,
      mode: "balanced",
      range: "steps",
      startStep: 0,
      endStep: 14,
    });
    expect(JSON.stringify(opened.document)).not.toContain("secret");
    expect(paramsOf(opened, "accelerate")).toMatchObject({
      preset: "custom",
      method: "tea",
      teaDistance: 0.3,
      maxConsecutive: 3,
      range: "steps",
      startStep: 2,
      endStep: 1000,
    });
    expect(opened.document.runware).toMatchObject({ acceleratorOptions: { cacheMode: "x" } });
    expect(fieldsNoted(opened).filter((note) => note.includes("not taken over"))).toEqual([]);
  });

  test("from a picture with a mask, brought to the size that is asked for", () => {
    const opened = open({
      taskType: "imageInference",
      positivePrompt: "a lighthouse",
      width: 512,
      height: 512,
      seedImage: "https://example.org/x.png",
      maskImage: "https://example.org/m.png",
      model: "runware:z-image@turbo",
    });
    expect(problemsOf(opened)).toEqual(["picture.image"]);
    expect(linksOf(opened)).toEqual(
      expect.arrayContaining([
        "picture.mask resize.mask",
        "resize.mask encode.mask",
        "resize.image encode.image",
        "resize.image blend.base",
        "decode.image blend.overlay",
      ]),
    );
  });

  test("with a close-up of the mask, faces refined and a safety check", () => {
    const opened = open({
      taskType: "imageInference",
      model: "runware:z-image@0",
      positivePrompt: "a lighthouse",
      negativePrompt: "people",
      width: 512,
      height: 512,
      seed: 4,
      inputs: { seedImage: "https://example.org/x.png", maskImage: "https://example.org/m.png" },
      maskMargin: 48,
      acceleratorOptions: { dbCache: true, dbCacheThreshold: 0.1, cacheEndStepPercentage: 80 },
      ultralytics: { CFGScale: 0.5, inpaintSize: 500, positivePrompt: "a face", confidence: "high" },
      safety: { checkContent: true },
    });
    expect(problemsOf(opened)).toEqual(["picture.image"]);
    expect(paramsOf(opened, "crop").margin).toBe(48);
    expect(paramsOf(opened, "accelerate")).toMatchObject({
      method: "dual-block",
      dualBlockThreshold: 0.1,
      range: "percent",
      startPercent: 0,
      endPercent: 80,
    });
    expect(paramsOf(opened, "faces")).toMatchObject({
      confidence: 0.9,
      steps: 20,
      strength: 0.3,
      guidance: 1,
      inpaintSize: 496,
      positivePrompt: "a face",
      seed: 4,
    });
    expect(paramsOf(opened, "safety")).toMatchObject({ check: "default", action: "pass" });
    expect(linksOf(opened)).toEqual(
      expect.arrayContaining([
        "crop.image zoom.image",
        "zoom.image encode.image",
        "zoom.mask encode.mask",
        "decode.image reduce.image",
        "crop.width reduce.width",
        "reduce.image blend.overlay",
        "crop.mask blend.mask",
        "crop.left blend.x",
        "crop.top blend.y",
        "blend.image faces.image",
        "model.model faces.model",
        "negative.conditioning faces.negative",
        "faces.image safety.image",
        "safety.image save.image",
      ]),
    );
    expect(opened.document.runware).toMatchObject({ ultralytics: { confidence: "high" } });
  });

  test("ControlNets: mode, and starts and ends in percent, in steps, or one of each", () => {
    const control = { model: "union", guideImage: "c64351d5" };
    const opened = open({
      taskType: "imageInference",
      positivePrompt: "a lighthouse",
      width: 512,
      height: 512,
      controlNet: [
        { ...control, controlMode: "controlnet", startStepPercentage: 10, endStepPercentage: 60 },
        { ...control, controlMode: "prompt", endStep: 3 },
        { ...control, startStep: 2, endStepPercentage: 75 },
      ],
    });
    expect(problemsOf(opened)).toEqual(["control-picture.image", "control-2-picture.image", "control-3-picture.image"]);
    expect(paramsOf(opened, "control")).toMatchObject({ mode: "control", range: "share", start: 0.1, end: 0.6 });
    expect(paramsOf(opened, "control-2")).toMatchObject({ mode: "prompt", range: "steps", startStep: 0, endStep: 3 });
    // Of the eight steps that turbo has where a task does not say.
    expect(paramsOf(opened, "control-3")).toMatchObject({ mode: "balanced", range: "share", start: 0.25, end: 0.75 });
    expect(linksOf(opened)).toEqual(
      expect.arrayContaining(["control.model control-2.model", "control-3.model sampler.model"]),
    );
  });

  test("without caches and checks there are no nodes for them", () => {
    const opened = open({
      taskType: "imageInference",
      positivePrompt: "a lighthouse",
      width: 512,
      height: 512,
      acceleratorOptions: { fbCache: false },
      safety: { checkContent: false },
      maskMargin: 64,
    });
    expect(opened.document.nodes.map(({ id }) => id)).toEqual(["model", "prompt", "size", "sampler", "decode", "save"]);
    expect(fieldsNoted(opened)).toContain("The task’s maskMargin was not taken over.");
  });
});

test("a workflow inside of text is looked into like any other", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const inner = `{"nodes": [{"id": 1, "type": ${deep}}], "links": [], "last_node_id": 1}`;
  expect(() => open(JSON.stringify({ workflow: inner }))).toThrow(
    expect.objectContaining({ code: "workflow-too-deep" }),
  );
});

test("any other JSON is refused by its name", () => {
  for (const other of [{}, [], { prompt: "x" }, { nodes: [] }, { taskType: "imageUpscale" }]) {
    expect(() => open(other)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^workflow-(foreign|invalid)$/) }),
    );
  }
});
