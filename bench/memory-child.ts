/** One process of the memory bench: derives weights, or loads a model and runs one step; says what that took. */
import { transformerNeeds, ZImageTransformer } from "../engine/models/z-image/transformer.ts";
import { deriveWeights } from "../engine/precision/derive-weights.ts";
import { probeIntegerKernels } from "../engine/precision/integer-kernels.ts";
import type { PrecisionPlan } from "../engine/precision/plan.ts";
import { SessionPool } from "../engine/runtime/session-pool.ts";
import { openWeightFile } from "../engine/weights/weight-set.ts";
import { realConfig } from "./random-shapes.ts";
import { normals } from "./real-block.ts";
import { round } from "./statistics.ts";

const [phase, path, cacheFolder, layers, refiners, planName, size] = process.argv.slice(2);
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
  return result;
}

const source = await openWeightFile(path!);
const weights = await timed("derive", () =>
  deriveWeights({ source, needs: transformerNeeds(source, config), plan, cacheFolder: cacheFolder! }),
);
if (phase !== "derive") {
  const mapped = phase === "mapped";
  const { saturates } = await probeIntegerKernels();
  const pool = new SessionPool({ memoryBudgetBytes: 12e9 });
  const session = { mapped, exactIntegers: saturates && !mapped, releaseMemory: true };
  const model = new ZImageTransformer(source, config, pool, { plan, weights, layersPerSession: 1, session });
  await timed("load", () => model.warm());
  report.loadedMB = round(process.memoryUsage.rss() / 1e6);
  const side = Number(size) / 8;
  const text = { embeddings: normals(32 * config.captionDim), tokens: 32 };
  const prepared = await model.prepare(text, { height: side, width: side });
  const latent = normals(config.channels * side * side);
  await timed("step", () => model.forward(latent, 0.5, prepared));
  await pool.dispose();
}
report.peakMB = round((process.resourceUsage().maxRSS * 1024) / 1e6);
console.log(JSON.stringify(report));
