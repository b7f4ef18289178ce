import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { createEngine, type EngineOptions } from "../engine.ts";
import { referencePrecision } from "../models/component-precision.ts";
import { parseQwen3Config } from "../models/qwen3/config.ts";
import { Qwen3TextEncoder } from "../models/qwen3/text-encoder.ts";
import { SessionPool } from "../runtime/session-pool.ts";
import type { RgbImage } from "../types.ts";
import { openTextEncoderFile } from "../weights/layouts/open-checkpoint.ts";
import { probeIntegerKernels } from "./integer-kernels.ts";

const starter = join(import.meta.dirname, "../../resources/starter-model/turbo");
const encoderFolder = join(import.meta.dirname, "../../resources/starter-model/base/text_encoder");
const { signal } = new AbortController();

async function picture(options: EngineOptions): Promise<{ picture: RgbImage; precision: string; sessions: number }> {
  const engine = createEngine({ threads: 1, ...options });
  const { model, textEncoder, vae, facts } = await engine.openCheckpoint(starter);
  const positive = await engine.encodePrompt(textEncoder, "a red circle on a blue background", signal);
  const latent = await engine.sample({
    ...{ model, positive, signal, seed: 1n, steps: 2, guidanceScale: 1, solver: "euler", schedule: "flow_match" },
    ...{ denoise: 1, onProgress: () => undefined },
    latent: { kind: "latent", width: 112, height: 112, samples: null, batch: 1 },
  });
  const { items } = await engine.decode(vae, latent, signal);
  const sessions = engine.sessionsCreated;
  await engine.dispose();
  return { picture: items[0]!, precision: String(facts.precision), sessions };
}

describe("the engine's precision option", () => {
  it("makes nearly the same picture in h8, from weights derived once, and says what it does", {
    timeout: 60_000,
  }, async () => {
    const folder = await temporaryFolder();
    const derived: string[] = [];
    const options: EngineOptions = {
      precision: "h8",
      cacheFolder: folder.path,
      onDerivation: (component) => derived.push(component),
    };
    const exact = await picture({});
    expect(exact.precision).toMatch(/^reference\. The model is small/);
    const h8 = await picture(options);
    expect(h8.precision).toMatch(/^h8\. Chosen by you\./);
    expect(new Set(derived)).toEqual(new Set(["transformer", "textEncoder"]));
    expect(h8.sessions).toBe(exact.sessions);
    const differences = h8.picture.data.map((value, i) => Math.abs(value - exact.picture.data[i]!));
    expect(differences.some((difference) => difference > 0)).toBe(true);
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(1.5);

    derived.length = 0;
    expect((await picture(options)).picture.data).toEqual(h8.picture.data);
    expect(derived).toEqual([]);
    // Attention can be kept in float32, which it is anyway where 8-bit products saturate.
    const kept = (await picture({ ...options, integerAttention: false })).picture.data;
    expect(kept.some((value, i) => value !== h8.picture.data[i])).toBe(!(await probeIntegerKernels()).saturates);
    expect(derived).toEqual([]);
  });

  it("takes a plan per component", async () => {
    const folder = await temporaryFolder();
    const derived = new Set<string>();
    await picture({
      precision: { textEncoder: "int8" },
      cacheFolder: folder.path,
      onDerivation: (component) => derived.add(component),
    });
    expect(derived).toEqual(new Set(["textEncoder"]));
  });
});

describe("plans for single models", () => {
  const other = join(import.meta.dirname, "../../resources/starter-model/base");

  it("count for the parts of that model only, also for parts that it shares with another one, and its facts say so", async () => {
    const folder = await temporaryFolder();
    const derived: string[] = [];
    const engine = createEngine({
      threads: 1,
      cacheFolder: folder.path,
      precision: { transformer: "reference", textEncoder: "reference", vae: "auto" },
      modelPrecision: { [starter]: { transformer: "int8", textEncoder: "int4", vae: "strips" } },
      onDerivation: (component) => derived.push(component),
    });
    const turbo = await engine.openCheckpoint(starter);
    expect(turbo.facts).toMatchObject({
      precision: expect.stringMatching(/^int8\. Chosen by you\. .* MB of memory and of disk, .*\(55 dB\)\.$/),
      textEncoderPrecision: expect.stringMatching(/^int4\. Chosen by you\./),
      vaePrecision: expect.stringMatching(/^Chosen by you\. At 1024 x 1024: .* MB of memory/),
    });
    const base = await engine.openCheckpoint(other);
    expect(base.facts.precision).toMatch(/^reference\. Chosen by you\./);
    expect(base.facts.vaePrecision).toContain("are decoded in strips");

    await engine.warm(base.textEncoder, signal);
    await engine.warm(base.model, signal);
    expect(derived).toEqual([]);
    await engine.warm(turbo.textEncoder, signal);
    expect(new Set(derived)).toEqual(new Set(["textEncoder"]));
    await engine.warm(turbo.model, signal);
    expect(new Set(derived)).toEqual(new Set(["textEncoder", "transformer"]));
    // Strips have sessions of their own, which are loaded as they are needed.
    const before = engine.sessionsCreated;
    await engine.warm(turbo.vae, signal);
    expect(engine.sessionsCreated).toBe(before);
    await engine.warm(base.vae, signal);
    expect(engine.sessionsCreated).toBe(before + 1);
    await engine.dispose();
  });

  it("count for a part that is loaded by itself: its own, or that of the checkpoint it lies in", async () => {
    const engine = createEngine({
      cacheFolder: "unused",
      modelPrecision: {
        [other]: { transformer: "w16", vae: "whole" },
        [join(other, "transformer")]: { transformer: "h8" },
      },
    });
    expect((await engine.openDiffusionModel(join(other, "transformer"))).facts.precision).toMatch(/^h8\./);
    expect((await engine.openVae(join(other, "vae"))).facts.precision).toMatch(/^Chosen by you\./);
    expect((await engine.openTextEncoder(encoderFolder)).facts.precision).toMatch(/^reference\. The model is small/);
    await engine.dispose();
  });
});

it("a prompt that is in the cache needs no text encoder: nothing is loaded, nothing derived", {
  timeout: 60_000,
}, async () => {
  const { path: cacheFolder } = await temporaryFolder();
  const prompt = "a green square";
  const encode = async () => {
    const derived: string[] = [];
    const engine = createEngine({
      ...{ threads: 1, cacheFolder, precision: { textEncoder: "int8" } },
      onDerivation: (component) => derived.push(component),
    });
    const { textEncoder } = await engine.openCheckpoint(starter);
    await engine.warm(textEncoder, signal, undefined, prompt);
    const { embeddings } = await engine.encodePrompt(textEncoder, prompt, signal);
    const found = { embeddings, sessions: engine.sessionsCreated, derived: derived.length };
    await engine.dispose();
    return found;
  };
  const first = await encode();
  expect(first.sessions).toBe(1);
  expect(first.derived).toBeGreaterThan(0);
  await rm(join(cacheFolder, "derived"), { recursive: true });
  const second = await encode();
  expect(second).toEqual({ embeddings: first.embeddings, sessions: 0, derived: 0 });
  expect(existsSync(join(cacheFolder, "derived"))).toBe(false);
});

it("tells whoever waits for a model how far its derived weights are", { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder();
  const engine = createEngine({ precision: "h8", cacheFolder: folder.path });
  const { textEncoder } = await engine.openCheckpoint(starter);
  const told: { done: number; total: number }[] = [];
  await engine.warm(textEncoder, signal, (progress) => told.push(progress));
  expect(told.length).toBeGreaterThan(1);
  const { done, total } = told.at(-1)!;
  expect(done).toBeLessThanOrEqual(total);
  told.length = 0;
  await engine.warm(textEncoder, signal, (progress) => told.push(progress));
  expect(told).toEqual([]);
  await engine.dispose();
});

it("a text encoder in one session a layer gives the same numbers", async () => {
  const pool = new SessionPool({ memoryBudgetBytes: 1e9, threads: 1 });
  const { weights, config: json } = await openTextEncoderFile(encoderFolder);
  const config = parseQwen3Config(json, encoderFolder);
  const ids = [5, 9, 300, 12];
  const whole = await new Qwen3TextEncoder(weights, config, pool).encode(ids);
  const before = pool.created;
  const layered = new Qwen3TextEncoder(weights, config, pool, { ...referencePrecision(weights), layersPerSession: 1 });
  const inLayers = await layered.encode(ids);
  expect(pool.created - before).toBe(config.layers - 1);
  expect(inLayers.every((value, i) => Math.abs(value - whole[i]!) < 1e-5)).toBe(true);
  await expect(layered.encode(ids, undefined, AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
  await pool.dispose();
});

it("the processor's integer products are tried", async () => {
  const { saturates, speedup } = await probeIntegerKernels();
  expect(typeof saturates).toBe("boolean");
  expect(speedup).toBeGreaterThan(0.1);
});
