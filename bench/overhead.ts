import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type ForwardOptions, type PreparedRun, ZImageTransformer } from "../engine/models/z-image/transformer.ts";
import type { PrecisionPlan } from "../engine/precision/plan.ts";
import { parseWorkflowText } from "../graph/parse.ts";
import { heddleFolders } from "../server/services/home.ts";
import { createLocalServices } from "../server/services/local-services.ts";
import { writeRandomTensors } from "./random-model.ts";
import { realConfig, transformerTensors } from "./random-shapes.ts";
import { round, type Spread, spread } from "./statistics.ts";
import { workFolder } from "./work-folder.ts";

const resources = join(import.meta.dirname, "../resources");
/** Of the model with Z-Image's dimensions: enough for one session to hand over to the next. A refiner is a block more. */
const LAYERS = 2;
const REFINERS = 1;
const REAL_CHECKPOINT = "real-shapes";

/**
 * What the executor, the sampler's loop, progress and live previews add to a step, in two ways:
 *
 * - A workflow's sampler node runs in the executor with previews on; the forward passes that it asked for are noted and run
 *   once more, bare: the same inputs through the same sessions. Both are taken in turn, in changing order; the difference of
 *   a pair is the overhead, with the noise of two runs.
 * - Of the node's run itself, the time in which no forward pass was under way: hardly any noise, but blind to passes that
 *   take longer because of what else is going on.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: "string", default: "10" }, "real-rounds": { type: "string", default: "4" } },
  });
  const starter = await measured({ checkpoint: "starter/turbo", side: 256, steps: 8, rounds: Number(values.rounds) });
  const real = await measured({
    ...{ checkpoint: REAL_CHECKPOINT, side: 512, steps: 3, rounds: Number(values["real-rounds"]) },
    ...{ precision: "h8", models: await realCheckpoint() },
  });
  return {
    what: "wall milliseconds and CPU milliseconds a step: a sampler node in the executor, with previews, and its forward passes alone",
    starter: { ...starter, goal: "under 10 ms a step", isReached: reaches(starter, (ms) => ms < 10) },
    real: {
      ...real,
      blocks: LAYERS + REFINERS,
      goal: "under 2 % of a step",
      isReached: reaches(real, (ms) => ms < 0.02 * real.bareMs.median),
    },
  };
}

interface Case {
  readonly checkpoint: string;
  /** Pixels. */
  readonly side: number;
  readonly steps: number;
  readonly rounds: number;
  readonly precision?: PrecisionPlan;
  /** A folder that holds the checkpoint, where it is not the starter. */
  readonly models?: string;
}

/** By both measures. */
const reaches = ({ overheadMs, outsideOfPassesMs }: Measured, holds: (ms: number) => boolean): boolean =>
  holds(overheadMs.median) && holds(outsideOfPassesMs.median);

interface StepCost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

interface Measured {
  readonly plan: string;
  readonly side: number;
  readonly steps: number;
  readonly inExecutorMs: Spread;
  readonly bareMs: Spread;
  readonly overheadMs: Spread;
  readonly overheadCpuMs: Spread;
  readonly overheadPercent: number;
  readonly outsideOfPassesMs: Spread;
  readonly outsideOfPassesPercent: number;
}

async function measured({ checkpoint, side, steps, rounds, precision, models }: Case): Promise<Measured> {
  const home = await mkdtemp(join(tmpdir(), "heddle-bench-"));
  const local = createLocalServices({
    folders: {
      ...{ home, output: join(home, "output"), images: join(home, "images") },
      ...{ models: [models ?? join(home, "models")], cache: models === undefined ? join(home, "cache") : models },
    },
    previews: true,
    ...(precision && { engine: { precision } }),
  });
  const calls = new ForwardCalls();
  try {
    const { document } = parseWorkflowText(await readFile(join(resources, "templates/text-to-image.json"), "utf8"));
    const paramsOf = (type: string) => document.nodes.find((node) => node.type === type)!.params;
    Object.assign(paramsOf("load-model"), { checkpoint });
    Object.assign(paramsOf("image-size"), { width: side, height: side });
    Object.assign(paramsOf("sampler"), { steps });
    let seed = 0;
    const outside: number[] = [];
    const inExecutor = async (): Promise<StepCost> => {
      paramsOf("sampler").seed = ++seed;
      calls.forget();
      const started = begin();
      let taken: StepCost | undefined;
      const result = await local.executor.run(document, {
        runId: String(seed),
        signal: new AbortController().signal,
        onEvent(event) {
          // Decoding and saving are no part of a step; what comes before the sampler is in the cache.
          if (event.type === "node-finished" && event.nodeId === "sampler") taken = started(steps);
        },
      });
      if (result.status !== "done" || taken === undefined) throw new Error(JSON.stringify(result.error));
      if (calls.count !== steps) throw new Error(`${calls.count} forward passes were noted for ${steps} steps`);
      outside.push(taken.wallMs - calls.milliseconds / steps);
      return taken;
    };
    const bare = async (): Promise<StepCost> => {
      const started = begin();
      await calls.replay();
      return started(steps);
    };
    await inExecutor();
    await bare();
    outside.length = 0;
    const pairs: { inExecutor: StepCost; bare: StepCost }[] = [];
    for (let i = 0; i < rounds; i++) {
      // The bare passes of a pair are always those of the run that was made last.
      if (i % 2 === 0) pairs.push({ inExecutor: await inExecutor(), bare: await bare() });
      else pairs.push({ bare: await bare(), inExecutor: await inExecutor() });
    }
    const bareMs = spread(pairs.map((pair) => pair.bare.wallMs));
    const overheadMs = spread(pairs.map((pair) => pair.inExecutor.wallMs - pair.bare.wallMs));
    return {
      ...{ plan: precision ?? "reference", side, steps },
      inExecutorMs: spread(pairs.map((pair) => pair.inExecutor.wallMs)),
      ...{ bareMs, overheadMs },
      overheadCpuMs: spread(pairs.map((pair) => pair.inExecutor.cpuMs - pair.bare.cpuMs)),
      overheadPercent: round((100 * overheadMs.median) / bareMs.median),
      outsideOfPassesMs: spread(outside),
      outsideOfPassesPercent: round((100 * spread(outside).median) / bareMs.median),
    };
  } finally {
    calls.dispose();
    await local.dispose();
    await rm(home, { recursive: true });
  }
}

/** Starts a clock; what it returns stops it and says what a step took. */
function begin(): (steps: number) => StepCost {
  const cpuBefore = process.cpuUsage();
  const wallBefore = performance.now();
  return (steps) => {
    const wallMs = (performance.now() - wallBefore) / steps;
    const { user, system } = process.cpuUsage(cpuBefore);
    return { wallMs, cpuMs: (user + system) / 1e3 / steps };
  };
}

/** Notes every forward pass of any transformer, so that the same passes can be run again. */
class ForwardCalls {
  readonly #original = ZImageTransformer.prototype.forward;
  #calls: { model: ZImageTransformer; args: Parameters<ZImageTransformer["forward"]> }[] = [];
  #isNoting = true;
  /** Of all noted passes, which run one after the other. */
  milliseconds = 0;

  constructor() {
    const note = async (model: ZImageTransformer, args: Parameters<ZImageTransformer["forward"]>) => {
      if (this.#isNoting) this.#calls.push({ model, args });
      const started = performance.now();
      const result = await this.#original.apply(model, args);
      this.milliseconds += performance.now() - started;
      return result;
    };
    ZImageTransformer.prototype.forward = function (
      this: ZImageTransformer,
      latent: Float32Array,
      time: number,
      prepared: PreparedRun,
      options?: ForwardOptions,
    ) {
      return note(this, options === undefined ? [latent, time, prepared] : [latent, time, prepared, options]);
    };
  }

  get count(): number {
    return this.#calls.length;
  }

  forget(): void {
    this.#calls = [];
    this.milliseconds = 0;
    this.#isNoting = true;
  }

  async replay(): Promise<void> {
    this.#isNoting = false;
    for (const { model, args } of this.#calls) await this.#original.apply(model, args);
  }

  dispose(): void {
    ZImageTransformer.prototype.forward = this.#original;
  }
}

/** A models folder with a checkpoint of Z-Image's width and a few layers, which reads the starter's text encoder. */
async function realCheckpoint(): Promise<string> {
  const models = join(await workFolder(), "overhead");
  const folder = join(models, REAL_CHECKPOINT);
  const weights = join(folder, "transformer", "diffusion_pytorch_model.safetensors");
  if (existsSync(weights)) return models;
  const starter = join(heddleFolders().resources, "starter-model", "base");
  await mkdir(join(folder, "transformer"), { recursive: true });
  for (const part of ["model_index.json", "scheduler", "text_encoder", "tokenizer", "vae"]) {
    await cp(join(starter, part), join(folder, part), { recursive: true });
  }
  const captionDim = 192;
  const config = { ...realConfig(LAYERS, REFINERS), captionDim };
  const json = {
    ...{ _class_name: "ZImageTransformer2DModel", dim: config.dim, n_layers: LAYERS, n_refiner_layers: REFINERS },
    ...{ n_heads: config.heads, n_kv_heads: config.heads, in_channels: config.channels, cap_feat_dim: captionDim },
    ...{ norm_eps: config.normEps, rope_theta: config.ropeTheta, t_scale: config.timeScale },
    ...{ axes_dims: config.axesDims, axes_lens: config.axesLens, all_patch_size: [2], all_f_patch_size: [1] },
  };
  await writeFile(join(folder, "transformer", "config.json"), JSON.stringify(json));
  await writeRandomTensors(weights, transformerTensors(config), {});
  return models;
}
