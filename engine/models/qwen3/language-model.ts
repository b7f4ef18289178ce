import * as ort from "onnxruntime-node";
import { CancelledError } from "../../../common/errors.ts";
import type { GraphNeeds } from "../../precision/derived-layout.ts";
import type { Feeds, LoadableModel, SessionPool } from "../../runtime/session-pool.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { type ComponentPrecision, sessionKey } from "../component-precision.ts";
import { type LoraUpdates, loraFeeds, noUpdates } from "../lora-feeds.ts";
import { cachedLayersGraph, headGraph } from "./causal-graph.ts";
import type { Qwen3Config } from "./config.ts";
import { readEmbeddings } from "./embeddings.ts";
import { type Qwen3Graph, qwen3Graph, usedLayers } from "./graph.ts";
import { rotaryFeeds } from "./rotary.ts";

/** Keeps a token from looking at another; small enough for float16. */
const HIDDEN_FROM = -60_000;

/** What a text encoder does not run: the last layer, the final norm and the output layer. */
export function lastLayersNeeds(weights: WeightSet, config: Qwen3Config, headPath: string): GraphNeeds {
  const graphs = [
    qwen3Graph(weights, config, { from: usedLayers(config), to: config.layers }, "reference"),
    headGraph(weights, config, headPath, "reference"),
  ];
  return {
    tensors: graphs.flatMap(({ tensors }) => tensors),
    modules: graphs.flatMap(({ modules }) => modules),
  };
}

interface Segment {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly graph: Qwen3Graph & LoadableModel;
}

export interface LanguageModelParts {
  /** The checkpoint's own, for rows of the embedding table. */
  readonly weights: WeightSet;
  readonly config: Qwen3Config;
  /** Path of the layer that makes logits. */
  readonly headPath: string;
  /** Of the layers that the text encoder runs too. */
  readonly layers: ComponentPrecision;
  /** Of the last layer, the final norm and the output layer. */
  readonly lastLayers: ComponentPrecision;
}

/** Qwen3 as a language model: what comes next, given what stands there. */
export class Qwen3LanguageModel {
  readonly config: Qwen3Config;
  readonly #parts: LanguageModelParts;
  readonly #pool: SessionPool;
  readonly #segments: readonly Segment[];
  readonly #head: { key: string; graph: Qwen3Graph & LoadableModel };

  constructor(parts: LanguageModelParts, pool: SessionPool) {
    const { config, headPath, layers, lastLayers } = parts;
    this.config = config;
    this.#parts = parts;
    this.#pool = pool;
    this.#segments = [
      ...segments(config, layers, 0, usedLayers(config)),
      ...segments(config, lastLayers, usedLayers(config), config.layers),
    ];
    this.#head = {
      key: `language-head/${sessionKey(lastLayers)}/${headPath}`,
      graph: {
        ...headGraph(lastLayers.weights, config, headPath, lastLayers.plan),
        ...(lastLayers.session && { settings: lastLayers.session }),
      },
    };
  }

  /** A text that grows. */
  start(updates: LoraUpdates = noUpdates): GrowingText {
    const { weights } = this.#parts;
    const { config } = this;
    const pool = this.#pool;
    const cache = this.#emptyCache();
    let length = 0;
    return {
      next: async (ids, signal) => {
        const rotary = rotaryFeeds(config, { from: length, count: ids.length });
        const mask = this.#mask(length, ids.length);
        let x = new ort.Tensor("float32", await readEmbeddings(weights, config, ids), [ids.length, config.hidden]);
        for (const { key, graph, from, to } of this.#segments) {
          if (signal?.aborted) throw new CancelledError();
          const feeds: Feeds = { embeddings: x, mask, ...rotary, ...loraFeeds(graph.modules, updates, pool) };
          for (let layer = from; layer < to; layer++) {
            feeds[`past_key.${layer}`] = cache.get(`key.${layer}`)!;
            feeds[`past_value.${layer}`] = cache.get(`value.${layer}`)!;
          }
          const results = await pool.use(
            key,
            () => graph,
            (session) => session.run(feeds),
          );
          x = results.hidden as ort.TypedTensor<"float32">;
          for (const [name, value] of Object.entries(results)) if (name !== "hidden") cache.set(name, value);
        }
        length += ids.length;
        const { key, graph } = this.#head;
        const last = x.data.slice((ids.length - 1) * config.hidden);
        const hidden = new ort.Tensor("float32", last, [1, config.hidden]);
        const feeds: Feeds = { hidden, ...loraFeeds(graph.modules, updates, pool) };
        const { logits } = await pool.use(
          key,
          () => graph,
          (session) => session.run(feeds),
        );
        return logits!.data as Float32Array;
      },
    };
  }

  /** Rows that stand in front of every cache and that no token looks at: a device that takes no empty tensors needs one. */
  get #padding(): number {
    return this.#pool.allowsEmpty ? 0 : 1;
  }

  #emptyCache(): Map<string, ort.Tensor> {
    const { kvHeads, headDim, layers } = this.config;
    const rows = this.#padding;
    const empty = () => new ort.Tensor("float32", new Float32Array(kvHeads * rows * headDim), [kvHeads, rows, headDim]);
    const cache = new Map<string, ort.Tensor>();
    for (let layer = 0; layer < layers; layer++) {
      cache.set(`key.${layer}`, empty());
      cache.set(`value.${layer}`, empty());
    }
    return cache;
  }

  /** A token looks at itself and at all before it. `[count, padding + length + count]` */
  #mask(length: number, count: number): ort.Tensor {
    const total = this.#padding + length + count;
    const values = new Float32Array(count * total).fill(HIDDEN_FROM);
    for (let row = 0; row < count; row++) {
      values.fill(0, row * total + this.#padding, row * total + this.#padding + length + row + 1);
    }
    return new ort.Tensor("float32", values, [count, total]);
  }
}

/** What was read so far, kept in a cache: each further token costs the same. */
export interface GrowingText {
  /**
   * Reads on, and says how likely each token is to come next: Float32Array `[vocabulary]`, logits.
   * @throws HeddleError `token-unknown`, `cancelled`
   */
  next(ids: readonly number[], signal?: AbortSignal): Promise<Float32Array>;
}

function segments(config: Qwen3Config, precision: ComponentPrecision, from: number, to: number): Segment[] {
  const { plan, weights, session } = precision;
  const step = precision.layersPerSession ?? to - from;
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => {
    const range = { from: from + i * step, to: Math.min(from + (i + 1) * step, to) };
    return {
      ...range,
      key: `language-model/${sessionKey(precision)}/${range.from}-${range.to}`,
      graph: { ...cachedLayersGraph(weights, config, range, plan), ...(session && { settings: session }) },
    };
  });
}
