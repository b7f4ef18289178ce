import { cp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeGguf, type GgufTensor } from "../test/support/encode-gguf.ts";
import { encodeSafetensors, type TestTensor } from "../test/support/encode-safetensors.ts";
import { relativeError } from "../test/support/relative-error.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { createEngine } from "./engine.ts";
import { combineLoras } from "./lora/combine-loras.ts";
import { linearModules } from "./lora/linear-modules.ts";
import { parseLora } from "./lora/parse-lora.ts";
import type { Checkpoint, Conditioning, DiffusionModel, InferenceEngine, Latent, SampleRequest } from "./types.ts";
import { float8E4M3ToFloat } from "./weights/float-formats.ts";
import { readFloats } from "./weights/read-tensor.ts";
import { readSafetensorsHeader } from "./weights/safetensors.ts";
import { openWeightFolder } from "./weights/weight-set.ts";

const starter = join(import.meta.dirname, "../resources/starter-model");
const golden = join(import.meta.dirname, "../test/golden");
const neon = join(starter, "loras/neon-outline.safetensors");
const { signal } = new AbortController();

let engine: InferenceEngine;
let turbo: Checkpoint;
let text: Conditioning;

beforeAll(async () => {
  engine = createEngine();
  turbo = await engine.openCheckpoint(join(starter, "turbo"));
  text = await engine.encodePrompt(turbo.textEncoder, "a red circle on a blue background", signal);
});
afterAll(() => engine.dispose());

const emptyLatent = (size: number, batch = 1): Latent => ({
  kind: "latent",
  width: size,
  height: size,
  samples: null,
  batch,
});

function sample(model: DiffusionModel, changes: Partial<SampleRequest> = {}): Promise<Latent> {
  return engine.sample({
    model,
    positive: text,
    latent: emptyLatent(112),
    seed: 7n,
    steps: 3,
    guidanceScale: 1,
    solver: "euler",
    schedule: "flow_match",
    denoise: 1,
    signal,
    onProgress: () => undefined,
    ...changes,
  });
}

test("the same seed gives the same picture to the pixel, another seed another", async () => {
  const decode = async (seed: bigint) =>
    (await engine.decode(turbo.vae, await sample(turbo.model, { seed }), signal)).items[0]!.data;
  const first = await decode(7n);
  expect(await decode(7n)).toEqual(first);
  expect(await decode(8n)).not.toEqual(first);
});

test("item i of a batch is the picture of seed + i; one tensor for all differs from the second item on", async () => {
  const batch = await sample(turbo.model, { latent: emptyLatent(112, 2) });
  const second = await sample(turbo.model, { seed: 8n });
  expect(batch.seeds).toEqual(["7", "8"]);
  expect(batch.samples!.subarray(second.samples!.length)).toEqual(second.samples);
  const tensor = await sample(turbo.model, { latent: emptyLatent(112, 2), batchNoise: "tensor" });
  expect(tensor.samples!.subarray(0, second.samples!.length)).toEqual(
    batch.samples!.subarray(0, second.samples!.length),
  );
  expect(tensor.samples!.subarray(second.samples!.length)).not.toEqual(second.samples);
});

test("a run split at a step, the rest without new noise, is the whole run", async () => {
  const whole = await sample(turbo.model, { steps: 4 });
  const half = await sample(turbo.model, { steps: 4, endStep: 2 });
  const rest = await sample(turbo.model, { steps: 4, startStep: 2, addNoise: false, latent: half });
  expect(relativeError(rest.samples!, whole.samples!)).toBeLessThan(1e-6);
});

test("guidance 1 runs no negative pass; above, the empty prompt stands in for a missing negative", async () => {
  const empty = await engine.encodePrompt(turbo.textEncoder, "", signal);
  const implied = await sample(turbo.model, { guidanceScale: 3 });
  const stated = await sample(turbo.model, { guidanceScale: 3, negative: empty });
  const off = await sample(turbo.model, { guidanceScale: 1, negative: empty });
  expect(implied.samples).toEqual(stated.samples);
  expect(off.samples).toEqual((await sample(turbo.model)).samples);
  expect(off.samples).not.toEqual(stated.samples);
});

test("the predictions of combined prompts are averaged", async () => {
  const other = await engine.encodePrompt(turbo.textEncoder, "a yellow star on a purple background", signal);
  const plain = await sample(turbo.model);
  const same = await sample(turbo.model, { positive: { ...text, combined: [text, text] } });
  const both = await sample(turbo.model, { positive: { ...text, combined: [other] }, steps: 1 });
  const [first, second] = [
    await sample(turbo.model, { steps: 1 }),
    await sample(turbo.model, { steps: 1, positive: other }),
  ];
  expect(relativeError(same.samples!, plain.samples!)).toBeLessThan(1e-5);
  const halfway = first.samples!.map((value, i) => (value + second.samples![i]!) / 2);
  expect(relativeError(both.samples!, halfway)).toBeLessThan(1e-5);
});

test("a cancelled run ends within a step", async () => {
  const controller = new AbortController();
  const steps: number[] = [];
  const run = sample(turbo.model, {
    steps: 20,
    signal: controller.signal,
    onProgress: ({ step }) => {
      steps.push(step);
      if (step === 2) controller.abort();
    },
  });
  await expect(run).rejects.toMatchObject({ code: "cancelled" });
  expect(steps).toEqual([1, 2]);
});

test("previews show the picture that forms", async () => {
  const colours: number[][] = [];
  await sample(turbo.model, {
    vae: turbo.vae,
    onProgress: ({ preview }) => colours.push(Array.from(preview!.data.subarray(0, 3))),
  });
  // The corner of a picture with a blue background.
  const [red, , blue] = colours.at(-1)!;
  expect(blue! - red!).toBeGreaterThan(60);
});

describe("LoRA", () => {
  test("changing the weight creates no session, and weight 0 is exactly off", async () => {
    const { reference } = await engine.openLora(neon, turbo.model);
    const withWeight = (weight: number): DiffusionModel => ({ ...turbo.model, loras: [{ ...reference, weight }] });
    const plain = await sample(turbo.model);
    const before = engine.sessionsCreated;
    const full = await sample(withWeight(1));
    const half = await sample(withWeight(0.5));
    const off = await sample(withWeight(0));
    expect(engine.sessionsCreated).toBe(before);
    expect(off.samples).toEqual(plain.samples);
    expect(relativeError(full.samples!, plain.samples!)).toBeGreaterThan(0.05);
    expect(relativeError(half.samples!, full.samples!)).toBeGreaterThan(0.01);
  });

  test("gives what the same LoRA merged into the weights gives", async () => {
    const weights = await openWeightFolder(join(starter, "turbo/transformer"));
    const parsed = await parseLora(await readSafetensorsHeader(neon), linearModules(weights.tensors));
    const factors = await combineLoras([{ lora: parsed, weight: 0.8 }]);
    const merged: Record<string, TestTensor> = {};
    for (const [name, info] of weights.tensors) {
      const data = (await readFloats(info)).slice();
      const pair = factors.get(name.replace(/\.weight$/, ""));
      if (pair !== undefined && name.endsWith(".weight")) addProduct(data, pair, info.shape[1]!);
      merged[name] = { shape: info.shape, data };
    }
    const folder = await temporaryFolder();
    await cp(join(starter, "turbo"), folder.path, { recursive: true });
    for (const part of ["vae", "text_encoder", "tokenizer"]) {
      await cp(join(starter, "base", part), join(folder.path, part), { recursive: true });
    }
    await folder.write("transformer/diffusion_pytorch_model.safetensors", encodeSafetensors(merged));
    const { reference } = await engine.openLora(neon, turbo.model);
    const asInput = await sample({ ...turbo.model, loras: [{ ...reference, weight: 0.8 }] });
    const asWeights = await sample((await engine.openCheckpoint(folder.path)).model);
    expect(relativeError(asInput.samples!, asWeights.samples!)).toBeLessThan(1e-4);
  });
});

/** weight [out, in] += (a b)ᵀ for a [in, r], b [r, out]. */
function addProduct(
  weight: Float32Array,
  pair: { rank: number; a: Float32Array; b: Float32Array },
  inFeatures: number,
) {
  const outFeatures = weight.length / inFeatures;
  for (let i = 0; i < inFeatures; i++) {
    for (let r = 0; r < pair.rank; r++) {
      const factor = pair.a[i * pair.rank + r]!;
      for (let o = 0; o < outFeatures; o++) weight[o * inFeatures + i]! += factor * pair.b[r * outFeatures + o]!;
    }
  }
}

test("the diffusers folder and the single file of one model give the same bits", async () => {
  const folder = await engine.openCheckpoint(join(golden, "models/model_bf16"));
  const file = await engine.openDiffusionModel(join(golden, "layouts/transformer_native.safetensors"));
  const positive = await engine.encodePrompt(folder.textEncoder, "a photo of a cat", signal);
  const run = (model: DiffusionModel) => sample(model, { positive, latent: emptyLatent(64) });
  // The single file says nothing of shift and rotary axes; they are the folder's here.
  const single = { ...file.value, shift: folder.model.shift, dynamicShift: folder.model.dynamicShift };
  expect((await run(single)).samples).toEqual((await run(folder.model)).samples);
});

describe("weights stored in other types run as the values they stand for", () => {
  /** Some matrices of the main layers; everything else stays float32. */
  const isMatrix = (name: string, shape: readonly number[]) =>
    shape.length === 2 && /^layers\.\d\.attention\.to_.*weight$/.test(name);
  const single = async (path: string): Promise<DiffusionModel> => ({
    ...(await engine.openDiffusionModel(path)).value,
    shift: turbo.model.shift,
  });

  /** Latents from a file in which `store` wrote the matrices, and from a float32 file of the values it stands for. */
  async function bothWays(
    store: (name: string, data: Float32Array) => { stored: Record<string, StoredTensor>; values: Float32Array },
    extension: "safetensors" | "gguf",
  ) {
    const folder = await temporaryFolder();
    const stored: Record<string, StoredTensor> = {};
    const floats: Record<string, TestTensor> = {};
    for (const [name, info] of (await openWeightFolder(join(starter, "turbo/transformer"))).tensors) {
      const data = await readFloats(info);
      const { shape } = info;
      if (!isMatrix(name, shape)) {
        stored[name] = { shape, data, type: 0 };
        floats[name] = { shape, data };
        continue;
      }
      const made = store(name, data);
      for (const [key, tensor] of Object.entries(made.stored))
        stored[key] = { ...tensor, shape: tensor.shape ?? shape };
      floats[name] = { shape, data: made.values };
    }
    const bytes = extension === "gguf" ? encodeGguf(asGguf(stored)) : encodeSafetensors(asSafetensors(stored));
    const file = await folder.write(`z_image_turbo.${extension}`, bytes);
    await cp(join(starter, "turbo/transformer/config.json"), join(folder.path, "config.json"));
    const reference = await folder.write("z_image_turbo_f32.safetensors", encodeSafetensors(floats));
    return [await sample(await single(file)), await sample(await single(reference))] as const;
  }

  test("FP8 with a scale", async () => {
    const [stored, floats] = await bothWays((name, data) => {
      const scale = 0.25;
      const bytes = Uint8Array.from(data, (value) => nearestFloat8(value / scale));
      return {
        stored: {
          [name]: { data: bytes, dtype: "F8_E4M3" },
          [name.replace(/weight$/, "scale_weight")]: { data: Float32Array.of(scale), shape: [] },
        },
        values: Float32Array.from(bytes, (bits) => float8E4M3ToFloat(bits) * scale),
      };
    }, "safetensors");
    expect(stored.samples).toEqual(floats.samples);
  });

  test("GGUF Q8_0", async () => {
    const [stored, floats] = await bothWays((name, data) => {
      const blocks = new Uint8Array((data.length / 32) * 34);
      const values = new Float32Array(data.length);
      for (let block = 0; block < data.length / 32; block++) {
        // 2^-6 as a half float: exact, and wide enough for these weights.
        blocks.set([0x00, 0x24], block * 34);
        for (let i = 0; i < 32; i++) {
          const integer = Math.max(-127, Math.min(127, Math.round(data[block * 32 + i]! * 64)));
          blocks[block * 34 + 2 + i] = integer & 255;
          values[block * 32 + i] = integer / 64;
        }
      }
      return { stored: { [name]: { data: blocks, type: 8 } }, values };
    }, "gguf");
    expect(stored.samples).toEqual(floats.samples);
  });
});

interface StoredTensor {
  shape?: readonly number[];
  data: Float32Array | Uint8Array;
  /** Of safetensors; F32 when absent. */
  dtype?: string;
  /** ggml's type number. */
  type?: number;
}

function asSafetensors(tensors: Record<string, StoredTensor>): Record<string, TestTensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape = [], data, dtype = "F32" }]) => [name, { shape, data, dtype }]),
  );
}

function asGguf(tensors: Record<string, StoredTensor>): Record<string, GgufTensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape = [], data, type = 0 }]) => [
      name,
      { shape, type, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) },
    ]),
  );
}

/** Bits of the nearest finite FP8 E4M3 value. */
function nearestFloat8(value: number): number {
  const magnitude = Math.abs(value);
  let bits = 0;
  while (bits < 0x7e && float8E4M3ToFloat(bits + 1) <= magnitude) bits++;
  if (bits < 0x7e && float8E4M3ToFloat(bits + 1) - magnitude < magnitude - float8E4M3ToFloat(bits)) bits++;
  return value < 0 ? bits | 0x80 : bits;
}

test("what does not fit is refused in words", async () => {
  await expect(engine.decode(turbo.vae, emptyLatent(112), signal)).rejects.toMatchObject({ code: "latent-empty" });
  await expect(sample(turbo.model, { latent: emptyLatent(120) })).rejects.toMatchObject({ code: "size-not-multiple" });
  const other = await engine.openCheckpoint(join(golden, "models/model_f32"));
  const foreign = await engine.encodePrompt(other.textEncoder, "a cat", signal);
  await expect(sample(turbo.model, { positive: foreign })).rejects.toMatchObject({ code: "encoder-mismatch" });
  await expect(engine.openCheckpoint(join(starter, "loras"))).rejects.toMatchObject({ name: "HeddleError" });
});
