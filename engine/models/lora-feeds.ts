import * as ort from "onnxruntime-node";
import type { Feeds } from "../runtime/session-pool.ts";
import { type LinearModule, loraInputs } from "./linear.ts";

/** One low-rank update per module: a `[in, rank]`, b `[rank, out]`, row-major, strength folded into b. */
export interface LowRankUpdate {
  readonly rank: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
}
export type LowRankUpdates = ReadonlyMap<string, LowRankUpdate>;

export const noUpdates: LowRankUpdates = new Map();

/** The LoRA inputs of a graph's linear layers: the given updates, and rank 0 for every layer without one. */
export function loraFeeds(modules: readonly LinearModule[], updates: LowRankUpdates): Feeds {
  const feeds: Feeds = {};
  for (const { path, inFeatures, outFeatures } of modules) {
    const { a, b } = loraInputs(path);
    const update = updates.get(path);
    const rank = update?.rank ?? 0;
    feeds[a] = new ort.Tensor("float32", update?.a ?? new Float32Array(0), [inFeatures, rank]);
    feeds[b] = new ort.Tensor("float32", update?.b ?? new Float32Array(0), [rank, outFeatures]);
  }
  return feeds;
}
