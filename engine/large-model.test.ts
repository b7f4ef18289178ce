import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { encodeSafetensors, pseudoRandom, randomTensor } from "../test/support/encode-safetensors.ts";
import { createEngine, type EngineOptions } from "./engine.ts";
import type { PlanChoice } from "./precision/choose-plan.ts";
import type { ControlReference, InferenceEngine, LoraReference } from "./types.ts";

/** What large models have, a session for every layer, for a small one. */
const isLarge = vi.hoisted(() => ({ now: false }));
vi.mock("./precision/choose-plan.ts", async (original) => {
  const actual = await original<typeof import("./precision/choose-plan.ts")>();
  const choosePlan = (...args: Parameters<typeof actual.choosePlan>): PlanChoice => {
    const choice = actual.choosePlan(...args);
    return isLarge.now ? { ...choice, layersPerSession: 1 } : choice;
  };
  return { ...actual, choosePlan };
});

const models = join(import.meta.dirname, "../test/golden/models");
const { signal } = new AbortController();
const W1 = "layers.1.feed_forward.w1";
const REFINER = "noise_refiner.0.attention.to_q";

let folder: string;
let lora: string;
afterEach(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-large-"));
  const random = pseudoRandom(5);
  const [wide, square] = [randomTensor(random, 128, 48), randomTensor(random, 48, 48)];
  for (const { data } of [wide, square]) for (let i = 0; i < data.length; i++) data[i] = data[i]! / 5;
  const tensors = { [`diffusion_model.${W1}.diff`]: wide, [`diffusion_model.${REFINER}.diff`]: square };
  lora = join(folder, "full.safetensors");
  await writeFile(lora, encodeSafetensors(tensors));
});

interface Drawing {
  readonly large?: boolean;
  readonly options?: EngineOptions;
  readonly loras?: readonly Partial<LoraReference>[];
  readonly controls?: boolean;
}

const hint = {
  ...{ width: 64, height: 64 },
  data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (Math.floor(i / 3) % 64 < 32 ? 0 : 255)),
};

async function withEngine<T>(options: EngineOptions, work: (engine: InferenceEngine) => Promise<T>): Promise<T> {
  const engine = createEngine(options);
  try {
    return await work(engine);
  } finally {
    await engine.dispose();
    isLarge.now = false;
  }
}

async function draw({ large = false, options = {}, loras = [], controls = false }: Drawing): Promise<Float32Array> {
  isLarge.now = large;
  return withEngine({ precision: "reference", cacheFolder: join(folder, "cache"), ...options }, async (engine) => {
    const base = await engine.openCheckpoint(join(models, "model_bf16"));
    const { reference } = await engine.openLora(lora, base.model);
    const { value } = await engine.openControlNet(join(models, "controlnet_v2"));
    const control: ControlReference = {
      ...{ controlNet: value.controlNet, hint, vae: base.vae, strength: 1, start: 0, end: 1 },
    };
    const model = {
      ...base.model,
      loras: loras.map((changes) => ({ ...reference, weight: 1, ...changes })),
      controls: controls ? [control] : [],
    };
    await engine.warm(model, signal);
    const { samples } = await engine.sample({
      ...{ model, positive: await engine.encodePrompt(base.textEncoder, "a red circle", signal) },
      latent: { kind: "latent", width: 32, height: 32, samples: null, batch: 1 },
      ...{ seed: 3n, steps: 1, guidanceScale: 1, solver: "euler", schedule: "flow_match", denoise: 1, signal },
      onProgress: () => undefined,
    });
    return samples!;
  });
}

const apart = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
const merged = async () => (await readdir(join(folder, "cache", "derived")).catch(() => [])).length;

/** Many engines, each for a moment: quick by itself, slow beside other work. */
const timeout = 120_000;

describe("a LoRA that changes whole matrices", { timeout }, () => {
  test("is merged into a large model's layers, with the result that wide inputs give a small one", async () => {
    const [plain, small] = [await draw({}), await draw({ loras: [{ weight: 0.7 }] })];
    expect(apart(plain, small)).toBeGreaterThan(0.05);
    expect(await merged()).toBe(0);
    expect(apart(await draw({ large: true, loras: [{ weight: 0.7 }] }), small)).toBeLessThan(1e-4);
    expect(await merged()).toBe(1);
    expect(apart(await draw({ large: true }), plain)).toBeLessThan(1e-4);
    expect(await merged()).toBe(1);
  });

  test("leaves no more than two merged files, and the one that is used among them", async () => {
    const weights = [0.1, 0.2, 0.3, 0.1];
    for (const weight of weights) await draw({ large: true, loras: [{ weight }] });
    expect(await merged()).toBe(2);
    expect(
      apart(await draw({ large: true, loras: [{ weight: 0.1 }] }), await draw({ loras: [{ weight: 0.1 }] })),
    ).toBeLessThan(1e-4);
  });

  test("is merged into weights of 8 bits, too", async () => {
    const small = await draw({ loras: [{}] });
    const plain = await draw({});
    for (const precision of ["w16", "int8"] as const) {
      const error = apart(await draw({ large: true, options: { precision }, loras: [{}] }), small);
      expect(error).toBeLessThan(precision === "w16" ? 0.01 : 0.5 * apart(plain, small));
    }
  });

  test("says what to do where it cannot be merged", async () => {
    const uncached = withEngine({ precision: "reference" }, async (engine) => {
      isLarge.now = true;
      const { model } = await engine.openCheckpoint(join(models, "model_bf16"));
      const { reference } = await engine.openLora(lora, model);
      await engine.warm({ ...model, loras: [{ ...reference, weight: 1 }] }, signal);
    });
    await expect(uncached).rejects.toMatchObject({ code: "lora-needs-cache" });
    const schedule = [
      { at: 0, factor: 1 },
      { at: 1, factor: 0.5 },
    ];
    await expect(draw({ large: true, loras: [{ schedule }] })).rejects.toMatchObject({ code: "lora-full-rank" });
  });
});

test("a ControlNet of a large model follows that model's precision, a session for each of its blocks", {
  timeout,
}, async () => {
  const small = await draw({ controls: true });
  expect(apart(small, await draw({}))).toBeGreaterThan(0.01);
  expect(apart(await draw({ large: true, controls: true }), small)).toBeLessThan(1e-4);
  expect(apart(await draw({ large: true, options: { precision: "w16" }, controls: true }), small)).toBeLessThan(0.01);
});
