/**
 * A process that tries WebGPU with real models, and prints what it found, as JSON. Every session of it is created with
 * `session.disable_cpu_ep_fallback=1`: creation fails if one node has no place on WebGPU. The starter is only placed;
 * forward passes are made with a model of few and narrow layers, since the graphics processor may be done in software.
 *
 *     node webgpu-forward.ts FOLDER
 */
import { join } from "node:path";
import { relativeError } from "../../../test/support/relative-error.ts";
import { createEngine, type EngineOptions } from "../../engine.ts";
import type { PrecisionPlan } from "../../precision/plan.ts";
import { TorchGenerator } from "../../sampling/noise.ts";
import type { DiffusionModel, InferenceEngine } from "../../types.ts";
import { writeExactLora, writeExactModel } from "./exact-model.ts";
import { keepKernels, kernelErrors } from "./kernel-errors.ts";

const root = join(import.meta.dirname, "../../..");
const starter = join(root, "resources/starter-model/turbo");
const plans = ["reference", "int8", "int4"] as const satisfies PrecisionPlan[];
const SIDE = 64;
const { signal } = new AbortController();
const [folder = "."] = process.argv.slice(2);

type Results = Readonly<Record<string, ArrayLike<number>>>;

/** A process that ends with a live session on a graphics processor crashes. */
async function withEngine<T>(options: EngineOptions, work: (engine: InferenceEngine) => Promise<T>): Promise<T> {
  // Encoded prompts of another device would be found again.
  const cacheFolder = join(folder, "cache", options.device ?? "cpu");
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
 * A prompt and one step of a picture; in float32 also two steps with a LoRA, and the decoding of other latents, so that
 * errors before do not count.
 */
const forward = (folder: string, options: EngineOptions) =>
  withEngine(options, async (engine): Promise<Results> => {
    const { model, textEncoder, vae } = await engine.openCheckpoint(folder);
    const positive = await engine.encodePrompt(textEncoder, "a", signal);
    /** What the steps have added to the noise, which is what the transformer says. */
    const draw = async (drawn: DiffusionModel, steps: number) => {
      const { samples } = await engine.sample({
        ...{ model: drawn, positive, signal, seed: 1n, steps, guidanceScale: 1 },
        ...{ solver: "euler", schedule: "flow_match", denoise: 1, onProgress: () => undefined },
        latent: { kind: "latent", width: SIDE, height: SIDE, samples: null, batch: 1 },
      });
      const noise = new TorchGenerator(1n).randn(samples?.length ?? 0);
      return noise.map((value, i) => (samples?.[i] ?? 0) - value);
    };
    const results = { textEncoder: positive.embeddings, transformer: await draw(model, 1) };
    if (options.precision !== "reference") return results;
    const { reference } = await engine.openLora(lora, model);
    const changed = await draw({ ...model, loras: [{ ...reference, weight: 1 }] }, 2);
    const { length } = changed;
    const latent = { kind: "latent", width: SIDE, height: SIDE, samples: waves(length), batch: 1 } as const;
    const decoded = await engine.decode(vae, latent, signal);
    return { ...results, LoRA: changed, "without LoRA": await draw(model, 1), vae: decoded.items[0]?.data ?? [] };
  });

const waves = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i / 5));

const placed: Record<string, number> = {};
/** How much the LoRA changes. */
let effect = 0;
const letKernelsGo = await keepKernels();
const errors = await kernelErrors();
const models = {
  4: await writeExactModel(join(folder, "exact in 4 bits"), 4),
  8: await writeExactModel(join(folder, "exact in 8 bits"), 8),
};
const lora = await writeExactLora(join(folder, "lora.safetensors"));
for (const plan of plans) {
  placed[plan] = await place(plan);
  const model = models[plan === "int8" ? 8 : 4];
  // The processor rounds the inputs of products to 8 bits under int8 and int4; in float32 it is what these have to give.
  const expected = await forward(model, { device: "cpu", precision: "reference" });
  const actual = await forward(model, { device: "webgpu", precision: plan });
  if (expected.LoRA) effect = relativeError(expected.LoRA, expected.transformer ?? []);
  for (const [part, values] of Object.entries(actual)) {
    errors[`${part} ${plan}`] = relativeError(values, expected[part] ?? []);
  }
}
await letKernelsGo();
process.stdout.write(`${JSON.stringify({ placed, errors, effect })}\n`);
