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
    expect(opened.document.fal).toMatchObject({ input: { acceleration: "regular" } });
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
        acceleratorOptions: { teaCache: true },
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
    expect(paramsOf(opened, "control")).toMatchObject({ strength: 0.7, start: 0, end: 0.5 });
    expect(JSON.stringify(opened.document)).not.toContain("secret");
    expect(fieldsNoted(opened)).toContain("The task's acceleratorOptions was not taken over.");
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
    const ends = opened.document.links.map(({ from, to }) => `${from.node}.${from.port} ${to.node}.${to.port}`);
    expect(ends).toEqual(
      expect.arrayContaining(["picture.mask resize.mask", "resize.mask encode.mask", "resize.image encode.image"]),
    );
  });
});

test("any other JSON is refused by its name", () => {
  for (const other of [{}, [], { prompt: "x" }, { nodes: [] }, { taskType: "imageUpscale" }]) {
    expect(() => open(other)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^workflow-(foreign|invalid)$/) }),
    );
  }
});
