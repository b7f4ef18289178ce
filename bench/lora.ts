import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createEngine } from "../engine/engine.ts";
import type { LinearModule } from "../engine/models/linear-module.ts";
import { type LoraUpdates, type LowRankPair, noUpdates } from "../engine/models/lora-feeds.ts";
import { parseZImageConfig } from "../engine/models/z-image/config.ts";
import { transformerNeeds, ZImageTransformer } from "../engine/models/z-image/transformer.ts";
import { probeIntegerKernels } from "../engine/precision/integer-kernels.ts";
import type { PrecisionPlan } from "../engine/precision/plan.ts";
import { SessionPool } from "../engine/runtime/session-pool.ts";
import { readFloats } from "../engine/weights/read-tensor.ts";
import { openWeightFile, openWeightFolder } from "../engine/weights/weight-set.ts";
import { encodeSafetensors, type TestTensor } from "../test/support/encode-safetensors.ts";
import { relativeError } from "../test/support/relative-error.ts";
import { paired } from "./measure.ts";
import { normals, openRealBlock } from "./real-block.ts";
import { round, spread } from "./statistics.ts";
import { workFolder } from "./work-folder.ts";

const starter = join(import.meta.dirname, "../resources/starter-model");
const RANK = 16;
const TOKENS = 1056;

/** LoRAs as inputs of the graphs: what they cost a step, what a switch costs, and that they equal merged weights. */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: "string", default: "5" }, plans: { type: "string", default: "reference,h8" } },
  });
  return {
    rank: RANK,
    step: await stepTimes(values.plans.split(",") as PrecisionPlan[], Number(values.rounds)),
    switching: await switching(),
    inputsAgainstMerged: await againstMerged(),
  };
}

/** A real-shape block with 0, 1 and 3 LoRAs on all linear layers. What one run differs from its neighbours is the noise. */
async function stepTimes(plans: readonly PrecisionPlan[], rounds: number): Promise<Record<string, unknown>> {
  const { saturates } = await probeIntegerKernels();
  const results: Record<string, unknown> = {};
  for (const plan of plans) {
    const session = { exactIntegers: saturates && plan === "h8" };
    const integerAttention = plan === "h8" && !saturates;
    const block = await openRealBlock({ plan, tokens: TOKENS, threads: 1, session, integerAttention });
    const one = randomUpdates(block.modules, RANK);
    const three = randomUpdates(block.modules, 3 * RANK);
    const costs = await paired(
      { none: () => block.run(), one: () => block.run(one), three: () => block.run(three) },
      rounds,
    );
    await block.release();
    const percent = (name: keyof typeof costs, of: "median" | "min") =>
      round(100 * (costs[name]!.cpuSeconds[of] / costs.none!.cpuSeconds[of] - 1));
    results[plan] = {
      ...costs,
      onePercent: { byMedians: percent("one", "median"), byLeast: percent("one", "min") },
      threePercent: { byMedians: percent("three", "median"), byLeast: percent("three", "min") },
    };
  }
  return { tokens: TOKENS, ...results };
}

/** On the starter: sessions created by switching and re-weighting LoRAs, and how much longer the first step takes. */
async function switching(): Promise<Record<string, unknown>> {
  const engine = createEngine();
  const { signal } = new AbortController();
  const { model, textEncoder } = await engine.openCheckpoint(join(starter, "base"));
  const positive = await engine.encodePrompt(textEncoder, "a red circle on a blue background", signal);
  const files = (await readdir(join(starter, "loras"))).filter((name) => name.endsWith(".safetensors"));
  const loras = await Promise.all(
    files.map(async (name) => (await engine.openLora(join(starter, "loras", name), model)).reference),
  );
  const stepMs = async (stack: typeof model.loras): Promise<number> => {
    const started = performance.now();
    await engine.sample({
      ...{ model: { ...model, loras: stack }, positive, signal, seed: 1n, steps: 1, guidanceScale: 1, solver: "euler" },
      ...{ schedule: "flow_match", denoise: 1, onProgress: () => undefined },
      latent: { kind: "latent", width: 128, height: 128, samples: null, batch: 1 },
    });
    return performance.now() - started;
  };
  await stepMs([]);
  const sessionsBefore = engine.sessionsCreated;
  const plain: number[] = [];
  const switched: number[] = [];
  for (let i = 0; i < 12; i++) {
    plain.push(await stepMs([]));
    switched.push(await stepMs(loras.map((lora, j) => ({ ...lora, weight: 0.5 + 0.1 * i + j }))));
  }
  const sessionsAfter = engine.sessionsCreated;
  await engine.dispose();
  const [without, withNew] = [spread(plain), spread(switched)];
  return {
    loras: loras.length,
    oneStepMs: { without, withNewStack: withNew },
    latencyMs: round(withNew.median - without.median),
    sessionsCreated: sessionsAfter - sessionsBefore,
  };
}

/** The starter's raw output with random updates as inputs, and with the same updates added to its weights. */
async function againstMerged(): Promise<Record<string, unknown>> {
  const folder = join(starter, "base/transformer");
  const config = parseZImageConfig(JSON.parse(await readFile(join(folder, "config.json"), "utf8")), folder);
  const source = await openWeightFolder(folder);
  const updates = randomUpdates(transformerNeeds(source, config).modules, 4);
  const tensors: Record<string, TestTensor> = {};
  for (const [name, tensor] of source.tensors) {
    const data = await readFloats(tensor);
    const pair = updates.pairs.get(name.replace(/\.weight$/, ""));
    tensors[name] = { shape: tensor.shape, data: pair === undefined ? data : merged(data, tensor.shape, pair) };
  }
  const path = join(await workFolder(), "merged.safetensors");
  await writeFile(path, encodeSafetensors(tensors));
  const pool = new SessionPool({ memoryBudgetBytes: 2e9 });
  const side = 16;
  const text = { embeddings: normals(32 * config.captionDim), tokens: 32 };
  const latent = normals(config.channels * side * side);
  const output = async (weights: typeof source, under: LoraUpdates) => {
    const model = new ZImageTransformer(weights, config, pool);
    return model.forward(latent, 0.5, await model.prepare(text, { height: side, width: side }, under));
  };
  const asInputs = await output(source, updates);
  const asWeights = await output(await openWeightFile(path), noUpdates);
  const plain = await output(source, noUpdates);
  await pool.dispose();
  return { relativeError: relativeError(asInputs, asWeights), relativeEffect: relativeError(plain, asWeights) };
}

function randomUpdates(modules: readonly LinearModule[], rank: number): LoraUpdates {
  const pairs = modules.map(({ path, inFeatures, outFeatures }, i): [string, LowRankPair] => {
    const scale = 0.1 / Math.sqrt(inFeatures * rank);
    return [
      path,
      {
        rank,
        a: normals(inFeatures * rank, 2 * i).map((value) => value * scale),
        b: normals(rank * outFeatures, 2 * i + 1),
      },
    ];
  });
  return { pairs: new Map(pairs), biases: new Map() };
}

/** W `[out, in]` plus (A B) transposed. */
function merged(weight: Float32Array, [rows, columns]: readonly number[], { rank, a, b }: LowRankPair): Float32Array {
  return weight.map((value, i) => {
    const [row, column] = [Math.floor(i / columns!), i % columns!];
    let sum = value;
    for (let r = 0; r < rank; r++) sum += a[column * rank + r]! * b[r * rows! + row]!;
    return sum;
  });
}
