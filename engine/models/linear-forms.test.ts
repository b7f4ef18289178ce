import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { encodeSafetensors, pseudoRandom, randomTensor } from "../../test/support/encode-safetensors.ts";
import { relativeError } from "../../test/support/relative-error.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { GraphBuilder } from "../onnx/graph-builder.ts";
import { deriveWeights } from "../precision/derive-weights.ts";
import { isDerived, type PrecisionPlan } from "../precision/plan.ts";
import { createSession } from "../runtime/session-pool.ts";
import { openWeightFile, type WeightSet } from "../weights/weight-set.ts";
import { LinearEmitter } from "./linear.ts";
import { type LoraUpdates, loraFeeds, noUpdates } from "./lora-feeds.ts";
import { Weights } from "./weights-of.ts";

const ROWS = 8;
const Q = "layers.0.attention.to_q";
const K = "layers.0.attention.to_k";

/** Two layers on one input, as a graph under `plan` gives them. */
async function layers(
  source: WeightSet,
  plan: PrecisionPlan,
  options: { folder: string; x: Float32Array; updates?: LoraUpdates; paths?: string[] },
): Promise<Float32Array> {
  const size = options.x.length / ROWS;
  const emit = (weights: WeightSet, under: PrecisionPlan) => {
    const graph = new GraphBuilder("test");
    const checked = new Weights(weights);
    const linears = new LinearEmitter(graph, checked, under);
    const x = graph.input("x", "float32", ["rows", size]);
    const outputs = (options.paths ?? [Q, K]).map((path) => linears.linear(path, x, size, size, { bias: false }));
    graph.output("y", graph.op("Concat", outputs, { axis: 0 }), "float32", ["both", size]);
    return { ...graph.build(), modules: linears.modules, tensors: [...checked.used] };
  };
  const weights = isDerived(plan)
    ? await deriveWeights({ source, needs: emit(source, "reference"), plan, cacheFolder: options.folder })
    : source;
  const model = emit(weights, plan);
  const session = await createSession({ ...model, settings: { exactIntegers: true } });
  const results = await session.run({
    x: new ort.Tensor("float32", options.x, [ROWS, size]),
    ...loraFeeds(model.modules, options.updates ?? noUpdates),
  });
  await session.release();
  return results.y!.data as Float32Array;
}

async function squareLayers(folder: Awaited<ReturnType<typeof temporaryFolder>>, size: number): Promise<WeightSet> {
  const random = pseudoRandom(size);
  const tensors = {
    [`${Q}.weight`]: randomTensor(random, size, size),
    [`${K}.weight`]: randomTensor(random, size, size),
  };
  return openWeightFile(await folder.write(`${size}.safetensors`, encodeSafetensors(tensors)));
}

/** Largest relative error of a random layer; 192 is rotated in blocks of 64, 40 not at all. */
const limits: [PrecisionPlan, number, number][] = [
  ["h8", 256, 0.015],
  ["h8", 192, 0.015],
  ["w16", 256, 2e-4],
  ["w16", 40, 2e-4],
  ["int8", 256, 0.015],
  ["int8", 40, 0.015],
  ["int4", 256, 0.12],
  ["fp16", 256, 1e-3],
];

describe("linear layers under a precision plan", () => {
  it.each(limits)("%s at width %i stays within %f of float32", async (plan, size, limit) => {
    const folder = await temporaryFolder();
    const source = await squareLayers(folder, size);
    const x = randomTensor(pseudoRandom(3), ROWS, size).data;
    const expected = await layers(source, "reference", { folder: folder.path, x });
    const actual = await layers(source, plan, { folder: folder.path, x });
    const error = relativeError(actual, expected);
    expect(error).toBeLessThan(limit);
    expect(error).toBeGreaterThan(0);
  });

  it("leaves a layer that no rotation fits in float32", async () => {
    const folder = await temporaryFolder();
    const source = await squareLayers(folder, 40);
    const x = randomTensor(pseudoRandom(3), ROWS, 40).data;
    const expected = await layers(source, "reference", { folder: folder.path, x });
    expect(await layers(source, "h8", { folder: folder.path, x })).toEqual(expected);
  });

  it("keeps outlier channels and tokens of very different size", async () => {
    const folder = await temporaryFolder();
    const source = await squareLayers(folder, 256);
    const x = randomTensor(pseudoRandom(3), ROWS, 256).data.map((value, i) => value * (i % 256 === 7 ? 60 : 1));
    x.fill(0, 0, 256);
    for (let i = 256; i < 512; i++) x[i] = x[i]! * 1e6;
    const expected = await layers(source, "reference", { folder: folder.path, x });
    const actual = await layers(source, "h8", { folder: folder.path, x });
    for (let row = 0; row < ROWS; row++) {
      const part = (values: Float32Array) => values.subarray(row * 256, (row + 1) * 256);
      if (row === 0) expect(part(actual).every((value) => value === 0)).toBe(true);
      else expect(relativeError(part(actual), part(expected))).toBeLessThan(0.03);
    }
  });

  it("does not overflow in fp16 where the plain product would", async () => {
    const folder = await temporaryFolder();
    const size = 256;
    const down = "layers.0.feed_forward.w2";
    const ones = { shape: [size, size], data: new Float32Array(size * size).fill(1) };
    const tensors = { [`${down}.weight`]: ones, [`${Q}.weight`]: ones };
    const source = await openWeightFile(await folder.write("ones.safetensors", encodeSafetensors(tensors)));
    const x = new Float32Array(ROWS * size).fill(400);
    const first = async (path: string) => (await layers(source, "fp16", { folder: folder.path, x, paths: [path] }))[0];
    expect(await first(Q)).toBe(Number.POSITIVE_INFINITY);
    expect(await first(down)).toBeCloseTo(400 * size, -2);
  });

  it.each(["h8", "w16", "int8", "int4", "fp16"] as const)("adds a LoRA exactly under %s", async (plan) => {
    const folder = await temporaryFolder();
    const size = 128;
    const rank = 4;
    const source = await squareLayers(folder, size);
    const random = pseudoRandom(5);
    const x = randomTensor(random, ROWS, size).data;
    const pair = {
      rank,
      a: randomTensor(random, size, rank).data,
      b: randomTensor(random, rank, size).data,
    };
    const updates = { pairs: new Map([[Q, pair]]), biases: new Map() };
    const options = { folder: folder.path, x };
    const change = async (under: PrecisionPlan) => {
      const without = await layers(source, under, options);
      return (await layers(source, under, { ...options, updates })).map((value, i) => value - without[i]!);
    };
    expect(relativeError(await change(plan), await change("reference"))).toBeLessThan(1e-5);
  });
});
