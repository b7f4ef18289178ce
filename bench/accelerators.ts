import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createEngine } from "../engine/engine.ts";
import { rootMeanSquareError } from "../engine/image/difference.ts";
import { parseZImageConfig, type ZImageConfig } from "../engine/models/z-image/config.ts";
import { type BlockRuns, StepCache } from "../engine/models/z-image/step-cache.ts";
import { ZImageTransformer } from "../engine/models/z-image/transformer.ts";
import { SessionPool } from "../engine/runtime/session-pool.ts";
import type { Acceleration, Conditioning, RgbImage } from "../engine/types.ts";
import { openWeightFile, openWeightFolder, type WeightSet } from "../engine/weights/weight-set.ts";
import { presets } from "../nodes/accelerate/presets.ts";
import { relativeError } from "../test/support/relative-error.ts";
import { BranchingTransformer } from "./branching-transformer.ts";
import { paired, timed } from "./measure.ts";
import { writeRandomTensors } from "./random-model.ts";
import { realConfig, transformerTensors } from "./random-shapes.ts";
import { normals } from "./real-block.ts";
import { round } from "./statistics.ts";
import { workFolder } from "./work-folder.ts";

const starter = join(import.meta.dirname, "../resources/starter-model");
const SIDE = 128;
const prompts = [
  "a red circle on a blue background",
  "a yellow star on a green background",
  "green hills on a sunny day with a yellow house",
];
const SEEDS = [1n];

const settings: Readonly<Record<string, Acceleration | undefined>> = {
  none: undefined,
  regular: presets.regular,
  high: presets.high,
  "First Block Cache 0.1": { method: "first-block", threshold: 0.1, maxConsecutive: 3 },
  "First Block Cache 0.25": { method: "first-block", threshold: 0.25, maxConsecutive: 3 },
  "DBCache 0.1": { method: "dual-block", threshold: 0.1, maxConsecutive: 3 },
  "DBCache 0.25": { method: "dual-block", threshold: 0.25, maxConsecutive: 3 },
};

/**
 * Block runs left out, time and likeness by preset and method: pictures of the starter, latents of a model of Z-Image's
 * width with random weights; and whether the decision is better made in the graph or between sessions.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: {
      layers: { type: "string", default: "3" },
      rounds: { type: "string", default: "7" },
      only: { type: "string", default: "starter,width,decision" },
      /** Comma-separated; all by default. */
      settings: { type: "string", default: Object.keys(settings).join(",") },
    },
  });
  const parts = values.only.split(",");
  const names = values.settings.split(",");
  return {
    ...(parts.includes("starter") && {
      turbo: await pictures("turbo", { steps: 8, guidanceScale: 1 }, names),
      base: await pictures("base", { steps: 20, guidanceScale: 4 }, names),
    }),
    ...(parts.includes("width") && { realWidth: await realWidth(Number(values.layers), names) }),
    ...(parts.includes("decision") && { decision: await decision(Number(values.rounds)) }),
  };
}

async function pictures(variant: string, sampling: { steps: number; guidanceScale: number }, names: readonly string[]) {
  const engine = createEngine();
  const { signal } = new AbortController();
  const { model, textEncoder, vae } = await engine.openCheckpoint(join(starter, variant));
  const positives: Conditioning[] = [];
  for (const text of prompts) positives.push(await engine.encodePrompt(textEncoder, text, signal));
  const draw = async (acceleration: Acceleration | undefined, texts = positives) => {
    const drawn: RgbImage[] = [];
    const runs: BlockRuns = { run: 0, skipped: 0 };
    const seconds: number[] = [];
    for (const positive of texts) {
      for (const seed of SEEDS) {
        const latent = await timed(seconds, () =>
          engine.sample({
            ...{ model: { ...model, ...(acceleration && { acceleration }) }, positive, signal, seed, ...sampling },
            ...{ solver: "euler", schedule: "flow_match", denoise: 1, onProgress: () => undefined },
            latent: { kind: "latent", width: SIDE, height: SIDE, samples: null, batch: 1 },
          }),
        );
        runs.run += latent.blockRuns?.run ?? 0;
        runs.skipped += latent.blockRuns?.skipped ?? 0;
        drawn.push((await engine.decode(vae, latent, signal)).items[0]!);
      }
    }
    return { drawn, runs, seconds };
  };
  for (const name of names) await draw(settings[name], positives.slice(0, 1));
  const plain = await draw(undefined);
  const results: Record<string, unknown> = {};
  for (const name of names) {
    const acceleration = settings[name];
    const { drawn, runs, seconds } = await draw(acceleration);
    const decibels = drawn.map((picture, i) => psnr(rootMeanSquareError(picture, plain.drawn[i]!), 255));
    results[name] = {
      ...{ skippedPercent: skippedPercent(runs), medianPsnr: middle(decibels), worstPsnr: Math.min(...decibels) },
      secondsAPicture: middle(seconds),
    };
  }
  await engine.dispose();
  return { what: `${variant}, ${SIDE} x ${SIDE}, ${prompts.length * SEEDS.length} pictures`, ...sampling, results };
}

/** Euler steps through a random model: what matters are time and counts; the likeness is of latents. */
async function realWidth(layers: number, names: readonly string[]) {
  const [steps, side, caption] = [12, 8, 32];
  const config = realConfig(layers);
  const path = join(await workFolder(), `transformer-${layers}.safetensors`);
  if (!existsSync(path)) await writeRandomTensors(path, transformerTensors(config), {});
  const weights = await openWeightFile(path);
  const pool = new SessionPool({ memoryBudgetBytes: 12e9 });
  const model = new ZImageTransformer(weights, config, pool, { plan: "reference", weights, layersPerSession: 1 });
  const text = { embeddings: normals(caption * config.captionDim), tokens: caption };
  const prepared = await model.prepare(text, { height: side, width: side });
  const walk = async (acceleration: Acceleration | undefined) => {
    const runs: BlockRuns = { run: 0, skipped: 0 };
    const cache = acceleration && new StepCache(acceleration, runs);
    let x = normals(config.channels * side * side);
    for (let step = 0; step < steps; step++) {
      const velocity = await model.forward(x, step / steps, prepared, cache && { cache });
      x = x.map((value, i) => value + velocity[i]! / steps);
    }
    return { x, runs };
  };
  for (const acceleration of [undefined, presets.high]) await walk(acceleration);
  const { x: plain } = await walk(undefined);
  const results: Record<string, unknown> = {};
  for (const name of names) {
    const acceleration = settings[name];
    const seconds: number[] = [];
    const { x, runs } = await timed(seconds, () => walk(acceleration));
    const rms =
      relativeError(x, plain) * Math.sqrt(plain.reduce((sum, value) => sum + value * value, 0) / plain.length);
    const peak =
      plain.reduce((most, value) => Math.max(most, value), 0) -
      plain.reduce((least, value) => Math.min(least, value), 0);
    results[name] = { skippedPercent: skippedPercent(runs), latentPsnr: psnr(rms, peak), seconds: middle(seconds) };
  }
  await pool.dispose();
  return {
    what: `${layers} main layers of width ${config.dim}, random weights, ${steps} steps, one session a layer`,
    results,
  };
}

/** One pass that reuses and one that does not: with sessions as the engine cuts them, and with an `If` in one graph. */
async function decision(rounds: number) {
  const folder = join(starter, "base/transformer");
  const config = parseZImageConfig(JSON.parse(await readFile(join(folder, "config.json"), "utf8")), folder);
  const results: Record<string, unknown> = {
    starter: await decided(await openWeightFolder(folder), config, 32, rounds),
  };
  const layers = 3;
  const path = join(await workFolder(), `transformer-${layers}.safetensors`);
  const wide = realConfig(layers);
  if (!existsSync(path)) await writeRandomTensors(path, transformerTensors(wide), {});
  results.realWidth = await decided(await openWeightFile(path), wide, 16, Math.min(rounds, 3));
  return results;
}

async function decided(weights: WeightSet, config: ZImageConfig, side: number, rounds: number) {
  const pool = new SessionPool({ memoryBudgetBytes: 12e9, threads: 1 });
  const model = new ZImageTransformer(weights, config, pool);
  const branching = new BranchingTransformer(weights, config, pool);
  const run = await model.prepare(
    { embeddings: normals(32 * config.captionDim), tokens: 32 },
    { height: side, width: side },
  );
  const x = normals(config.channels * side * side);
  const threshold = { reuse: 1, full: 0 };
  const acceleration: Acceleration = { method: "first-block", threshold: 1, maxConsecutive: Number.POSITIVE_INFINITY };
  const cache = new StepCache(acceleration, { run: 0, skipped: 0 });
  const outputs = {
    sessions: await model.forward(x, 0.5, run, { cache }),
    graph: await branching.forward(x, 0.5, run, threshold.full),
  };
  const costs = await paired(
    {
      "sessions, reusing": () => model.forward(x, 0.5, run, { cache }),
      "graph, reusing": () => branching.forward(x, 0.5, run, threshold.reuse),
      "sessions, in full": () => model.forward(x, 0.5, run, { cache, mayReuse: false }),
      "graph, in full": () => branching.forward(x, 0.5, run, threshold.full),
      "not accelerated": () => model.forward(x, 0.5, run),
    },
    rounds,
  );
  await pool.dispose();
  return {
    layers: config.layers,
    tokens: (side / 2) ** 2 + 32,
    agree: relativeError(outputs.graph, outputs.sessions),
    costs,
  };
}

const skippedPercent = ({ run, skipped }: BlockRuns) => round((100 * skipped) / Math.max(1, run + skipped));
const psnr = (rms: number, peak: number) => (rms === 0 ? 99 : round(20 * Math.log10(peak / rms)));

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return round((sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2);
}
