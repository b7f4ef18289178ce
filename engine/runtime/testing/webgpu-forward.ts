/**
 * A process that tries WebGPU with real models, and prints what it found, as JSON. Every session of it is created with
 * `session.disable_cpu_ep_fallback=1`: creation fails if one node has no place on WebGPU. The starter is only placed; a
 * forward pass is made with a model of few and narrow layers, since the graphics processor may be done in software.
 *
 *     node webgpu-forward.ts CACHE_FOLDER
 */
import { join } from "node:path";
import { createEngine, type EngineOptions } from "../../engine.ts";
import type { PrecisionPlan } from "../../precision/plan.ts";
import type { InferenceEngine } from "../../types.ts";
import type { Device } from "../session-pool.ts";

const root = join(import.meta.dirname, "../../..");
const starter = join(root, "resources/starter-model/turbo");
const tiny = join(root, "test/golden/models/model_bf16");
const plans = ["reference", "int8", "int4"] as const satisfies PrecisionPlan[];
const SIDE = 64;
const { signal } = new AbortController();
const [cacheFolder = "."] = process.argv.slice(2);

type Results = Readonly<Record<string, ArrayLike<number>>>;

/** A process that ends with a live session on a graphics processor crashes. */
async function withEngine<T>(options: EngineOptions, work: (engine: InferenceEngine) => Promise<T>): Promise<T> {
  const engine = createEngine({ cacheFolder, threads: 1, ...options });
  try {
    return await work(engine);
  } finally {
    await engine.dispose();
  }
}

/** Sessions that the starter's parts take on WebGPU. */
const place = (precision: PrecisionPlan) =>
  withEngine({ device: "webgpu", precision }, async (engine) => {
    const { model, textEncoder, vae } = await engine.openCheckpoint(starter);
    for (const part of [textEncoder, model, vae]) await engine.warm(part, signal);
    return engine.sessionsCreated;
  });

/**
 * The text encoder under every plan; in float32 also one step of a picture, and its decoding. A graphics processor that is done
 * in software takes seconds to compile each form of a kernel: more would take minutes.
 */
const forward = (device: Device, precision: PrecisionPlan) =>
  withEngine({ device, precision, cacheFolder: join(cacheFolder, device) }, async (engine): Promise<Results> => {
    const { model, textEncoder, vae } = await engine.openCheckpoint(tiny);
    const positive = await engine.encodePrompt(textEncoder, "a", signal);
    if (precision !== "reference") return { textEncoder: positive.embeddings };
    const latent = await engine.sample({
      ...{ model, positive, signal, seed: 1n, steps: 1, guidanceScale: 1, solver: "euler", schedule: "flow_match" },
      ...{ denoise: 1, onProgress: () => undefined },
      latent: { kind: "latent", width: SIDE, height: SIDE, samples: null, batch: 1 },
    });
    const transformer = latent.samples ?? [];
    // Both decode the same latents, so that errors before do not count.
    const decoded = await engine.decode(vae, { ...latent, samples: waves(transformer.length) }, signal);
    return { textEncoder: positive.embeddings, transformer, vae: decoded.items[0]?.data ?? [] };
  });

const waves = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i / 5));

/** Length of the difference beside that of what is expected. */
function relativeError(actual: ArrayLike<number> | undefined, expected: ArrayLike<number>): number {
  if (actual?.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    size += expected[i]! ** 2;
  }
  return Math.sqrt(difference / size);
}

const placed: Record<string, number> = {};
const errors: Record<string, number> = {};
for (const plan of plans) {
  placed[plan] = await place(plan);
  const expected = await forward("cpu", plan);
  const actual = await forward("webgpu", plan);
  for (const [part, values] of Object.entries(expected)) {
    errors[`${part} ${plan}`] = relativeError(actual[part], values);
  }
}
process.stdout.write(`${JSON.stringify({ placed, errors })}\n`);
