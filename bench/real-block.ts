import { existsSync } from "node:fs";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { type LoraUpdates, loraFeeds, noUpdates } from "../engine/models/lora-feeds.ts";
import { layersGraph, type TransformerGraph } from "../engine/models/z-image/graph.ts";
import { deriveWeights } from "../engine/precision/derive-weights.ts";
import { isDerived, type PrecisionPlan } from "../engine/precision/plan.ts";
import { createSession, type Feeds, type SessionSettings } from "../engine/runtime/session-pool.ts";
import { openWeightFile } from "../engine/weights/weight-set.ts";
import { type RandomModelOptions, uniform, writeRandomTensors } from "./random-model.ts";
import { layerTensors, realConfig } from "./random-shapes.ts";
import { workFolder } from "./work-folder.ts";

/** Three layers, of which the middle one is the block: tokens in, tokens out, nothing else. */
const config = realConfig(3);
const RANGE = { from: 1, to: 2 };

export interface RealBlock {
  readonly modules: TransformerGraph["modules"];
  readonly createMs: number;
  /** Random tokens: Float32Array `[tokens, 3840]`. */
  readonly input: Float32Array;
  run(updates?: LoraUpdates): Promise<Float32Array>;
  release(): Promise<void>;
}

export interface RealBlockOptions {
  plan: PrecisionPlan;
  tokens: number;
  threads?: number;
  session?: SessionSettings;
  weights?: RandomModelOptions;
  integerAttention?: boolean;
}

/** A random-weight block with Z-Image's dimensions: width 3840, 30 heads, feed-forward 10240. */
export async function openRealBlock(options: RealBlockOptions): Promise<RealBlock> {
  const { plan, tokens, threads, session = {}, weights = {}, integerAttention = false } = options;
  const folder = await workFolder();
  const path = join(folder, `block-${Object.entries(weights).flat().join("-") || "plain"}.safetensors`);
  if (!existsSync(path)) await writeRandomTensors(path, layerTensors(config, RANGE.from), weights);
  const source = await openWeightFile(path);
  const graph = (set: typeof source, under: PrecisionPlan) =>
    layersGraph(set, config, RANGE, { control: false, plan: under, integerAttention });
  const set = isDerived(plan)
    ? await deriveWeights({ source, needs: graph(source, "reference"), plan, cacheFolder: folder })
    : source;
  const built = graph(set, plan);
  const started = performance.now();
  const opened = await createSession({ ...built, settings: session }, threads === undefined ? {} : { threads });
  const createMs = performance.now() - started;
  const input = normals(tokens * config.dim);
  const feeds = blockFeeds(input, tokens);
  return {
    modules: built.modules,
    createMs,
    input,
    run: async (updates = noUpdates) => {
      const results = await opened.run({ ...feeds, ...loraFeeds(built.modules, updates) });
      return results.hidden_out!.data as Float32Array;
    },
    release: () => opened.release(),
  };
}

function blockFeeds(input: Float32Array, tokens: number): Feeds {
  const half = config.headDim / 2;
  const angles = Float32Array.from({ length: tokens * half }, (_, i) => Math.floor(i / half) / 10 ** ((i % half) / 16));
  return {
    hidden: new ort.Tensor("float32", input, [tokens, config.dim]),
    time_embedding: new ort.Tensor("float32", normals(config.adalnDim), [1, config.adalnDim]),
    rotary_cos: new ort.Tensor("float32", angles.map(Math.cos), [tokens, half]),
    rotary_sin: new ort.Tensor("float32", angles.map(Math.sin), [tokens, half]),
    rotary_positions: new ort.Tensor(
      "int64",
      BigInt64Array.from({ length: tokens }, (_, i) => BigInt(i)),
      [1, tokens],
    ),
  };
}

export function normals(count: number, seed = 7): Float32Array {
  const random = uniform(seed);
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}
