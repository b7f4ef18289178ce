import * as ort from "onnxruntime-node";
import type { MergedWeights } from "../precision/merged-weights.ts";
import type { Feeds } from "../runtime/session-pool.ts";
import { loraInputs } from "./linear.ts";
import type { LinearModule } from "./linear-module.ts";

/** One low-rank pair per module: a `[in, rank]`, b `[rank, out]`, row-major, strength folded into b. */
export interface LowRankPair {
  readonly rank: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** What a stack of LoRAs changes, by module path. */
export interface LoraUpdates {
  readonly pairs: ReadonlyMap<string, LowRankPair>;
  /** Differences to biases `[out]`; a module without a bias takes none. */
  readonly biases: ReadonlyMap<string, Float32Array>;
  /** Weights that hold what no narrow matrices express; only large models have them, others get wide pairs. */
  readonly merged?: MergedWeights;
}

export const noUpdates: LoraUpdates = { pairs: new Map(), biases: new Map() };

/**
 * The LoRA inputs of a graph's linear layers: the given updates, and rank 0 for every layer without one; zeros of rank 1
 * where a device (`SessionPool.allowsEmpty`) takes no empty tensors.
 */
export function loraFeeds(
  modules: readonly LinearModule[],
  { pairs, biases }: LoraUpdates,
  { allowsEmpty } = { allowsEmpty: true },
): Feeds {
  const least = allowsEmpty ? 0 : 1;
  const feeds: Feeds = {};
  for (const { path, inFeatures, outFeatures, hasBias } of modules) {
    const names = loraInputs(path);
    const pair = pairs.get(path);
    const rank = pair?.rank ?? least;
    feeds[names.a] = new ort.Tensor("float32", pair?.a ?? new Float32Array(inFeatures * rank), [inFeatures, rank]);
    feeds[names.b] = new ort.Tensor("float32", pair?.b ?? new Float32Array(rank * outFeatures), [rank, outFeatures]);
    if (!hasBias) continue;
    const bias = biases.get(path);
    feeds[names.bias] = new ort.Tensor("float32", bias ?? new Float32Array(least * outFeatures), [
      bias === undefined ? least : 1,
      outFeatures,
    ]);
  }
  return feeds;
}
