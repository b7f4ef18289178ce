import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { encodeSafetensors, pseudoRandom, randomTensor } from "../test/support/encode-safetensors.ts";
import { createEngine } from "./engine.ts";
import type { PlanChoice } from "./precision/choose-plan.ts";
import type { PrecisionPlan } from "./precision/plan.ts";
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
/** Quick by itself, slow beside other work. */
const timeout = 120_000;

let folder: string;
/** A LoRA that changes two matrices in full. */
let lora: string;
/** As a small model, which takes such changes as inputs, draws it. */
let small: Record<"plain" | "changed" | "controlled", Float32Array>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-large-"));
  const random = pseudoRandom(5);
  const [wide, square] = [randomTensor(random, 128, 48), randomTensor(random, 48, 48)];
  for (const { data } of [wide, square]) for (let i = 0; i < data.length; i++) data[i] = data[i]! / 5;
  const tensors = { [`diffusion_model.${W1}.diff`]: wide, [`diffusion_model.${REFINER}.diff`]: square };
  lora = join(folder, "full.safetensors");
  await writeFile(lora, encodeSafetensors(tensors));
  small = await withEngine("reference", async (engine) => ({
    plain: await draw(engine, {}),
    changed: await draw(engine, { loras: [{ weight: 0.7 }] }),
    controlled: await draw(engine, { controls: true }),
  }));
  isLarge.now = true;
}, timeout);
afterAll(() => rm(folder, { recursive: true }));

async function withEngine<T>(precision: PrecisionPlan, work: (engine: InferenceEngine) => Promise<T>): Promise<T> {
  const engine = createEngine({ precision, cacheFolder: join(folder, "cache") });
  try {
    return await work(engine);
  } finally {
    await engine.dispose();
  }
}

const hint = {
  ...{ width: 64, height: 64 },
  data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (Math.floor(i / 3) % 64 < 32 ? 0 : 255)),
};

async function draw(
  engine: InferenceEngine,
  { loras = [], controls = false }: { loras?: readonly Partial<LoraReference>[]; controls?: boolean },
): Promise<Float32Array> {
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
}

const apart = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
const derivedFiles = async () => (await readdir(join(folder, "cache", "derived")).catch(() => [])).length;

describe("a large model, a session for each of its layers", { timeout }, () => {
  test("draws what a small one draws, also with LoRAs that are merged into it and with ControlNets", async () => {
    expect(apart(small.plain, small.changed)).toBeGreaterThan(0.05);
    expect(apart(small.plain, small.controlled)).toBeGreaterThan(0.01);
    await withEngine("reference", async (engine) => {
      expect(apart(await draw(engine, { controls: true }), small.controlled)).toBeLessThan(1e-4);
      expect(await derivedFiles()).toBe(0);
      const changed = await draw(engine, { loras: [{ weight: 0.7 }] });
      expect(apart(changed, small.changed)).toBeLessThan(1e-4);
      expect(await derivedFiles()).toBe(1);
      expect(apart(await draw(engine, {}), small.plain)).toBeLessThan(1e-4);
      // Two merged files stay. The first stack is known, but its weights have made room for others.
      for (const weight of [0.2, 0.3]) await draw(engine, { loras: [{ weight }] });
      expect(await derivedFiles()).toBe(2);
      expect(await draw(engine, { loras: [{ weight: 0.7 }] })).toEqual(changed);
      expect(await derivedFiles()).toBe(2);
    });
  });

  test("does so in 8 bits, too", async () => {
    await withEngine("w16", async (engine) => {
      expect(apart(await draw(engine, { loras: [{ weight: 0.7 }] }), small.changed)).toBeLessThan(0.01);
      expect(apart(await draw(engine, { controls: true }), small.controlled)).toBeLessThan(0.01);
    });
  });

  test("says what to do where a LoRA cannot be merged", async () => {
    const engine = createEngine({ precision: "reference" });
    await expect(draw(engine, { loras: [{}] })).rejects.toMatchObject({ code: "lora-needs-cache" });
    const schedule = [
      { at: 0, factor: 1 },
      { at: 1, factor: 0.5 },
    ];
    await expect(draw(engine, { loras: [{ schedule }] })).rejects.toMatchObject({ code: "lora-full-rank" });
    await engine.dispose();
  });
});
