/**
 * One process of the memory bench: derives the weights of one component, or encodes a prompt and then runs one step, as a
 * picture does; says what that took.
 */
import { readFileSync } from "node:fs";
import { Qwen3TextEncoder, textEncoderNeeds } from "../engine/models/qwen3/text-encoder.ts";
import { transformerNeeds, ZImageTransformer } from "../engine/models/z-image/transformer.ts";
import { deriveWeights } from "../engine/precision/derive-weights.ts";
import { probeIntegerKernels } from "../engine/precision/integer-kernels.ts";
import type { PrecisionPlan } from "../engine/precision/plan.ts";
import { SessionPool } from "../engine/runtime/session-pool.ts";
import { openWeightFile } from "../engine/weights/weight-set.ts";
import { qwen3Config, realConfig } from "./random-shapes.ts";
import { normals } from "./real-block.ts";
import { round } from "./statistics.ts";

const TOKENS = 32;
/** A 16 GB machine's default: half of it. */
const BUDGET_BYTES = 8e9;

const [phase, transformerPath, encoderPath, cacheFolder, layers, refiners, planName, size] = process.argv.slice(2);
const plan = planName as PrecisionPlan;
const config = realConfig(Number(layers), Number(refiners));
const report: Record<string, number> = {};

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const cpuBefore = process.cpuUsage();
  const wallBefore = performance.now();
  const result = await work();
  const { user, system } = process.cpuUsage(cpuBefore);
  report[`${name}CpuSeconds`] = round((user + system) / 1e6);
  report[`${name}WallSeconds`] = round((performance.now() - wallBefore) / 1e3);
  report[`${name}RssMB`] = round(process.memoryUsage.rss() / 1e6);
  return result;
}

const source = await openWeightFile(transformerPath!);
const encoderSource = await openWeightFile(encoderPath!);
const transformerWeights = () =>
  deriveWeights({ source, needs: transformerNeeds(source, config), plan, cacheFolder: cacheFolder! });
const encoderWeights = () =>
  deriveWeights({
    ...{ source: encoderSource, needs: textEncoderNeeds(encoderSource, qwen3Config) },
    ...{ plan, cacheFolder: cacheFolder! },
  });

if (phase === "derive transformer") await timed("derive", transformerWeights);
else if (phase === "derive text encoder") await timed("derive", encoderWeights);
else await picture(phase !== "copied");
report.peakMB = round(peakBytes() / 1e6);
console.log(JSON.stringify(report));

/** Of this process alone: elsewhere than on Linux, what its parent had when it started this one counts, too. */
function peakBytes(): number {
  const status = process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "";
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return 1024 * (kib === undefined ? process.resourceUsage().maxRSS : Number(kib));
}

async function picture(mapped: boolean): Promise<void> {
  const { saturates } = await probeIntegerKernels();
  const pool = new SessionPool({ memoryBudgetBytes: BUDGET_BYTES });
  const session = { mapped, exactIntegers: saturates && !mapped, releaseMemory: true };
  const under = { plan, layersPerSession: 1, session, integerAttention: plan === "h8" && !saturates };
  const encoder = new Qwen3TextEncoder(encoderSource, qwen3Config, pool, { ...under, weights: await encoderWeights() });
  await timed("loadTextEncoder", () => encoder.warm());
  const ids = Array.from({ length: TOKENS }, (_, i) => 100 + i);
  const embeddings = await timed("encode", () => encoder.encode(ids));
  const model = new ZImageTransformer(source, config, pool, { ...under, weights: await transformerWeights() });
  await timed("loadTransformer", () => model.warm());
  const side = Number(size) / 8;
  const prepared = await model.prepare({ embeddings, tokens: TOKENS }, { height: side, width: side });
  const latent = normals(config.channels * side * side);
  await timed("step", () => model.forward(latent, 0.5, prepared));
  await pool.dispose();
}
