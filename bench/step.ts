import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { transformerNeeds, ZImageTransformer } from "../engine/models/z-image/transformer.ts";
import { deriveWeights } from "../engine/precision/derive-weights.ts";
import { probeIntegerKernels } from "../engine/precision/integer-kernels.ts";
import { type PrecisionPlan, precisionPlans } from "../engine/precision/plan.ts";
import { SessionPool } from "../engine/runtime/session-pool.ts";
import { openWeightFile } from "../engine/weights/weight-set.ts";
import { type Cost, paired, speedups } from "./measure.ts";
import { writeRandomTensors } from "./random-model.ts";
import { realConfig, transformerTensors } from "./random-shapes.ts";
import { normals, openRealBlock, type RealBlock } from "./real-block.ts";
import { round } from "./statistics.ts";
import { workFolder } from "./work-folder.ts";

/** Caption tokens besides the picture's. */
const CAPTION = 32;

/**
 * One block with Z-Image's dimensions and random weights under every plan, run in turn; then a whole model of a few such
 * blocks, one session each, against that many times the block.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: {
      /** Sides of the picture in pixels: 512 is 1056 tokens, 1024 is 4128. */
      sizes: { type: "string", default: "512" },
      threads: { type: "string", default: "1" },
      plans: { type: "string", default: precisionPlans.filter((plan) => plan !== "fp16").join(",") },
      rounds: { type: "string", default: "3" },
      layers: { type: "string", default: "3" },
    },
  });
  const plans = values.plans.split(",") as PrecisionPlan[];
  const rounds = Number(values.rounds);
  const { saturates, speedup } = await probeIntegerKernels();
  const results: Record<string, unknown>[] = [];
  for (const size of values.sizes.split(",").map(Number)) {
    for (const threads of values.threads.split(",").map(Number)) {
      const tokens = (size / 16) ** 2 + CAPTION;
      const costs = await blockCosts(plans, { tokens, threads, rounds, saturates });
      results.push({ size, tokens, threads, block: costs, timesFasterThanReference: speedups(costs, "reference") });
    }
  }
  return {
    what: "one transformer block (width 3840, 30 heads, feed-forward 10240), random weights",
    integerKernels: { saturates, speedup: round(speedup) },
    results,
    wholeModel: await wholeModel(Number(values.layers), { rounds, saturates }),
  };
}

interface BlockRun {
  tokens: number;
  threads: number;
  rounds: number;
  saturates: boolean;
}

async function blockCosts(plans: PrecisionPlan[], run: BlockRun): Promise<Record<string, Cost>> {
  const { tokens, threads, rounds, saturates } = run;
  const blocks: Record<string, RealBlock> = {};
  for (const plan of plans) {
    const integers = plan === "h8" || plan === "w16";
    const integerAttention = plan === "h8" && !saturates;
    const session = { exactIntegers: saturates && integers };
    blocks[plan] = await openRealBlock({ plan, tokens, threads, session, integerAttention });
    if (integerAttention) blocks["h8, attention in float32"] = await openRealBlock({ plan, tokens, threads, session });
    if (plan === "reference") {
      const session = { mapped: true, releaseMemory: true };
      blocks["reference, streamed"] = await openRealBlock({ plan, tokens, threads, session });
    }
    if (plan !== "h8" || !saturates) continue;
    blocks["h8, saturating"] = await openRealBlock({ plan, tokens, threads });
  }
  const works = Object.fromEntries(Object.entries(blocks).map(([name, block]) => [name, () => block.run()]));
  const costs = await paired(works, rounds);
  for (const block of Object.values(blocks)) await block.release();
  return costs;
}

/** A step of a model of `layers` blocks in h8 at 512 x 512, and the same number of single blocks. */
async function wholeModel(
  layers: number,
  { rounds, saturates }: { rounds: number; saturates: boolean },
): Promise<Record<string, unknown>> {
  const folder = await workFolder();
  const config = realConfig(layers);
  const path = join(folder, `transformer-${layers}.safetensors`);
  if (!existsSync(path)) await writeRandomTensors(path, transformerTensors(config), {});
  const source = await openWeightFile(path);
  const plan = "h8";
  const needs = transformerNeeds(source, config);
  const weights = await deriveWeights({ source, needs, plan, cacheFolder: folder });
  const session = { exactIntegers: saturates, releaseMemory: true };
  const pool = new SessionPool({ memoryBudgetBytes: 16e9, threads: 1 });
  const integerAttention = !saturates;
  const precision = { plan, weights, layersPerSession: 1, session, integerAttention } as const;
  const model = new ZImageTransformer(source, config, pool, precision);
  await model.warm();
  const text = { embeddings: normals(CAPTION * config.captionDim), tokens: CAPTION };
  const side = 64;
  const prepared = await model.prepare(text, { height: side, width: side });
  const latent = normals(config.channels * side * side);
  const tokens = (side / 2) ** 2 + CAPTION;
  const block = await openRealBlock({ plan, tokens, threads: 1, session, integerAttention });
  const costs = await paired(
    {
      step: () => model.forward(latent, 0.5, prepared),
      blocks: async () => {
        for (let i = 0; i < layers; i++) await block.run();
      },
    },
    rounds,
  );
  await block.release();
  await pool.dispose();
  const [step, blocks] = [costs.step!.cpuSeconds.median, costs.blocks!.cpuSeconds.median];
  return { layers, plan, tokens, ...costs, overheadPercent: round(100 * (step / blocks - 1)) };
}
