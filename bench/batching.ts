import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as ort from "onnxruntime-node";
import { loraFeeds, noUpdates } from "../engine/models/lora-feeds.ts";
import { BlockEmitter, type Rotary } from "../engine/models/z-image/block-emitter.ts";
import { parseZImageConfig, type ZImageConfig } from "../engine/models/z-image/config.ts";
import { layersGraph } from "../engine/models/z-image/graph.ts";
import { GraphBuilder, type Value } from "../engine/onnx/graph-builder.ts";
import { deriveWeights } from "../engine/precision/derive-weights.ts";
import type { PrecisionPlan } from "../engine/precision/plan.ts";
import { createSession } from "../engine/runtime/session-pool.ts";
import { openWeightFile, openWeightFolder, type WeightSet } from "../engine/weights/weight-set.ts";
import { type Cost, paired } from "./measure.ts";
import { writeRandomTensors } from "./random-model.ts";
import { layerTensors, realConfig } from "./random-shapes.ts";
import { normals } from "./real-block.ts";
import { round } from "./statistics.ts";
import { workFolder } from "./work-folder.ts";

const BATCHES = [1, 2, 4];
const CAPTION = 32;

/** Blocks over several pictures of one prompt at once: their tokens one below the other, attention for each by itself. */
class BatchedEmitter extends BlockEmitter {
  readonly #batch: number;

  constructor(graph: GraphBuilder, set: WeightSet, config: ZImageConfig, plan: PrecisionPlan, batch: number) {
    super(graph, set, config, { plan, inParts: false });
    this.#batch = batch;
  }

  override rotated(x: Value, norm: string, rotary: Rotary): Value {
    const { heads, headDim, dim } = this.config;
    const { graph } = this;
    const perHead = graph.op("Reshape", [x, graph.ints([-1, heads, headDim])]);
    const normed = graph.op("Reshape", [this.rmsNorm(perHead, norm, headDim), graph.ints([this.#batch, -1, dim])]);
    return graph.contrib("RotaryEmbedding", [normed, rotary.positions, rotary.cos, rotary.sin], {
      interleaved: 1,
      num_heads: heads,
    });
  }

  override attended([q, k, v]: readonly [Value, Value, Value]): Value {
    const { dim, heads } = this.config;
    const { graph } = this;
    const sequences = [q, k, v].map((value) => graph.op("Reshape", [value, graph.ints([this.#batch, -1, dim])]));
    return graph.op("Reshape", [
      graph.contrib("MultiHeadAttention", sequences, { num_heads: heads }),
      graph.ints([-1, dim]),
    ]);
  }
}

interface Blocks {
  readonly weights: WeightSet;
  readonly config: ZImageConfig;
  readonly plan: PrecisionPlan;
  readonly from: number;
  readonly to: number;
}

/**
 * Whether drawing several pictures of one prompt in one call pays: time for each picture of 1, 2 and 4 at once, through the
 * starter's layers and through one block with Z-Image's dimensions.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: "string", default: "5" }, threads: { type: "string", default: "1" } },
  });
  const [rounds, threads] = [Number(values.rounds), Number(values.threads)];
  const starter = await starterBlocks();
  const real = await realBlocks();
  const results: Record<string, unknown>[] = [];
  for (const side of [128, 256]) {
    results.push({ model: "starter, 7 layers", side, ...(await measured(starter, side, { rounds, threads })) });
  }
  for (const side of [256, 512]) {
    results.push({ model: "one block of Z-Image, h8", side, ...(await measured(real, side, { rounds, threads })) });
  }
  return { what: "seconds a picture with 1, 2 and 4 pictures in a call", threads, results };
}

async function starterBlocks(): Promise<Blocks> {
  const folder = join(import.meta.dirname, "../resources/starter-model/turbo/transformer");
  const config = parseZImageConfig(JSON.parse(await readFile(join(folder, "config.json"), "utf8")), folder);
  return { weights: await openWeightFolder(folder), config, plan: "reference", from: 0, to: config.layers };
}

async function realBlocks(): Promise<Blocks> {
  const config = realConfig(3);
  const range = { from: 1, to: 2 };
  const cacheFolder = await workFolder();
  const path = join(cacheFolder, "block-plain.safetensors");
  if (!existsSync(path)) await writeRandomTensors(path, layerTensors(config, range.from), {});
  const source = await openWeightFile(path);
  const needs = layersGraph(source, config, range, { control: false, plan: "reference" });
  return { weights: await deriveWeights({ source, needs, plan: "h8", cacheFolder }), config, plan: "h8", ...range };
}

async function measured(blocks: Blocks, side: number, { rounds, threads }: { rounds: number; threads: number }) {
  const tokens = (side / 16) ** 2 + CAPTION;
  const opened = await Promise.all(BATCHES.map((batch) => open(blocks, tokens, batch, threads)));
  const works = Object.fromEntries(opened.map(({ run: work }, i) => [BATCHES[i]!, work]));
  const alone = await opened[0]!.run();
  const differences = await Promise.all(
    opened.map(async ({ run: work }) => largestDifference((await work()).subarray(0, alone.length), alone)),
  );
  const costs = await paired(works, rounds);
  for (const { release } of opened) await release();
  const perPicture = (of: (cost: Cost) => number) =>
    Object.fromEntries(BATCHES.map((batch) => [batch, round(of(costs[batch]!) / batch)]));
  return {
    tokens,
    cpuSecondsAPicture: perPicture(({ cpuSeconds }) => cpuSeconds.median),
    wallSecondsAPicture: perPicture(({ wallSeconds }) => wallSeconds.median),
    leastCpuSecondsAPicture: perPicture(({ cpuSeconds }) => cpuSeconds.min),
    largestDifferenceFromAlone: Object.fromEntries(BATCHES.map((batch, i) => [batch, differences[i]!])),
  };
}

async function open({ weights, config, plan, from, to }: Blocks, tokens: number, batch: number, threads: number) {
  const graph = new GraphBuilder("batched blocks");
  const emitter = new BatchedEmitter(graph, weights, config, plan, batch);
  const half = config.headDim / 2;
  const rotary = {
    cos: graph.input("cos", "float32", [tokens, half]),
    sin: graph.input("sin", "float32", [tokens, half]),
    positions: graph.input("positions", "int64", [batch, tokens]),
  };
  const time = graph.input("time", "float32", [1, config.adalnDim]);
  let x = graph.input("hidden", "float32", ["rows", config.dim]);
  for (let i = from; i < to; i++) x = emitter.block(`layers.${i}`, x, rotary, time);
  graph.output("out", x, "float32", ["rows", config.dim]);
  const session = await createSession(graph.build(), { threads });
  const angles = Float32Array.from({ length: tokens * half }, (_, i) => Math.floor(i / half) / 10 ** ((i % half) / 16));
  // Every picture has other tokens; the first is the same in all batches.
  const pictures = Array.from({ length: batch }, (_, i) => normals(tokens * config.dim, 7 + i));
  const hidden = new Float32Array(batch * tokens * config.dim);
  for (const [i, picture] of pictures.entries()) hidden.set(picture, i * picture.length);
  const feeds = {
    hidden: new ort.Tensor("float32", hidden, [batch * tokens, config.dim]),
    time: new ort.Tensor("float32", normals(config.adalnDim), [1, config.adalnDim]),
    cos: new ort.Tensor("float32", angles.map(Math.cos), [tokens, half]),
    sin: new ort.Tensor("float32", angles.map(Math.sin), [tokens, half]),
    positions: new ort.Tensor(
      "int64",
      BigInt64Array.from({ length: batch * tokens }, (_, i) => BigInt(i % tokens)),
      [batch, tokens],
    ),
    ...loraFeeds(emitter.linears.modules, noUpdates),
  };
  return {
    run: async () => (await session.run(feeds)).out!.data as Float32Array,
    release: () => session.release(),
  };
}

function largestDifference(values: Float32Array, expected: Float32Array): number {
  return values.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
}
