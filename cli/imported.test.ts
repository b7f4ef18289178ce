import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonValue, WorkflowDocument } from "../graph/document.ts";
import { openAnyWorkflow } from "../graph/importers/index.ts";
import { workflow } from "../graph/testing/workflows.ts";
import { findDefinition } from "../nodes/definitions.ts";
import { createLocalServices, type LocalServices } from "../server/services/local-services.ts";

const root = fileURLToPath(new URL("../test/", import.meta.url));
let folder: string;
let local: LocalServices;

/** A models folder as ComfyUI's, with tiny weights in the single-file layouts under the names of the real files. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "heddle-imported-"));
  const models = path.join(folder, "models");
  const files = {
    "golden/layouts/transformer_native.safetensors": "diffusion_models/z_image_turbo_bf16.safetensors",
    "golden/layouts/qwen_3_tiny.safetensors": "text_encoders/qwen_3_4b.safetensors",
    "golden/models/model_f32/tokenizer/tokenizer.json": "text_encoders/tokenizer.json",
    "golden/models/model_f32/tokenizer/tokenizer_config.json": "text_encoders/tokenizer_config.json",
    "golden/layouts/ae.safetensors": "vae/ae.safetensors",
  };
  for (const [from, to] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(models, to)), { recursive: true });
    await copyFile(path.join(root, from), path.join(models, to));
  }
  const folders = { output: path.join(folder, "out"), images: path.join(folder, "images"), models: [models] };
  local = createLocalServices({ folders, previews: false });
});
afterAll(async () => {
  await local.dispose();
  await rm(folder, { recursive: true });
});

/** The pixels of all pictures that a run saves: Uint8Array [height, width, 3] each. */
async function pixelsOf(document: WorkflowDocument): Promise<Buffer[]> {
  const finished = await local.executor.run(document, {
    runId: "test",
    signal: new AbortController().signal,
    onEvent: () => undefined,
  });
  expect(finished.error).toBeUndefined();
  return Promise.all(finished.images.map(({ path: file }) => sharp(file).removeAlpha().raw().toBuffer()));
}

/** The standard Z-Image-Turbo workflow as somebody would build it here. */
const native = (seed: number) =>
  workflow(
    {
      model: ["load-diffusion-model", { params: { diffusionModel: "z_image_turbo_bf16.safetensors" } }],
      encoder: ["load-text-encoder", { params: { textEncoder: "qwen_3_4b.safetensors" } }],
      vae: ["load-vae", { params: { vae: "ae.safetensors" } }],
      shift: ["model-sampling", { params: { shift: 3 } }],
      prompt: ["prompt", { params: { text: "a boat on a lake" } }],
      zero: "conditioning-zero",
      size: ["image-size", { params: { preset: "custom", width: 128, height: 192, batch: 2 } }],
      sampler: [
        "sampler",
        { params: { seed, steps: 4, guidance: 1, solver: "res_multistep", schedule: "simple", batchNoise: "tensor" } },
      ],
      decode: "vae-decode",
      save: "save-image",
    },
    [
      "model.model > shift.model",
      "shift.model > sampler.model",
      "encoder.textEncoder > prompt.textEncoder",
      "prompt.conditioning > sampler.positive",
      "prompt.conditioning > zero.conditioning",
      "zero.conditioning > sampler.negative",
      "size.latent > sampler.latent",
      "sampler.latent > decode.latent",
      "vae.vae > decode.vae",
      "decode.image > save.image",
    ],
  );

async function importedTurbo(): Promise<WorkflowDocument> {
  const text = await readFile(path.join(root, "fixtures/comfyui/turbo.api.json"), "utf8");
  const api = JSON.parse(text) as Record<string, { inputs: Record<string, JsonValue> }>;
  Object.assign(api["57:13"]!.inputs, { width: 128, height: 192, batch_size: 2 });
  Object.assign(api["57:3"]!.inputs, { seed: 5, steps: 4 });
  return openAnyWorkflow(JSON.stringify(api), { definitions: findDefinition }).document;
}

test("ComfyUI's Z-Image-Turbo workflow, imported, draws the pixels of the same settings built here", {
  timeout: 60_000,
}, async () => {
  const [first, second] = await pixelsOf(await importedTurbo());
  const built = await pixelsOf(native(5));
  expect(first?.length).toBe(128 * 192 * 3);
  expect([first, second]).toEqual(built);
  expect(first).not.toEqual(second);
  expect(await pixelsOf(native(6))).not.toEqual(built);
});
