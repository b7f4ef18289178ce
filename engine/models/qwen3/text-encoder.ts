import * as ort from "onnxruntime-node";
import { CancelledError } from "../../../common/errors.ts";
import type { GraphNeeds } from "../../precision/derived-layout.ts";
import type { LoadableModel, SessionPool } from "../../runtime/session-pool.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { type ComponentPrecision, referencePrecision, sessionKey } from "../component-precision.ts";
import { type LoraUpdates, loraFeeds, noUpdates } from "../lora-feeds.ts";
import type { Qwen3Config } from "./config.ts";
import { readEmbeddings } from "./embeddings.ts";
import { type Qwen3Graph, qwen3Graph, usedLayers } from "./graph.ts";
import { rotaryFeeds } from "./rotary.ts";

/** What the graphs of a text encoder take from its weights; the embedding table is read row by row instead. */
export function textEncoderNeeds(weights: WeightSet, config: Qwen3Config): GraphNeeds {
  return qwen3Graph(weights, config, { from: 0, to: usedLayers(config) }, "reference");
}

interface Segment {
  readonly key: string;
  readonly graph: Qwen3Graph & LoadableModel;
}

/** Qwen3 as a text encoder: token ids to `hidden_states[-2]`. */
export class Qwen3TextEncoder {
  readonly config: Qwen3Config;
  readonly precision: ComponentPrecision;
  readonly #weights: WeightSet;
  readonly #pool: SessionPool;
  #segments: readonly Segment[] | undefined;

  /** @param weights hold the embedding table; the layers compute with those of `precision`. */
  constructor(
    weights: WeightSet,
    config: Qwen3Config,
    pool: SessionPool,
    precision: ComponentPrecision = referencePrecision(weights),
  ) {
    this.config = config;
    this.precision = precision;
    this.#weights = weights;
    this.#pool = pool;
  }

  async warm(): Promise<void> {
    for (const { key, graph } of this.#built()) {
      await this.#pool.use(
        key,
        () => graph,
        async () => undefined,
      );
    }
  }

  /**
   * @returns Float32Array `[ids.length, hidden]`
   * @throws HeddleError `token-unknown` for an id outside the vocabulary.
   */
  async encode(ids: readonly number[], updates: LoraUpdates = noUpdates, signal?: AbortSignal): Promise<Float32Array> {
    const rotary = rotaryFeeds(this.config, { from: 0, count: ids.length });
    const embeddings = await readEmbeddings(this.#weights, this.config, ids);
    let x = new ort.Tensor("float32", embeddings, [ids.length, this.config.hidden]);
    for (const { key, graph } of this.#built()) {
      if (signal?.aborted) throw new CancelledError();
      const feeds = { embeddings: x, ...rotary, ...loraFeeds(graph.modules, updates, this.#pool) };
      const results = await this.#pool.use(
        key,
        () => graph,
        (session) => session.run(feeds),
      );
      x = results.hidden as ort.TypedTensor<"float32">;
    }
    return x.data;
  }

  #built(): readonly Segment[] {
    this.#segments ??= this.#build();
    return this.#segments;
  }

  #build(): Segment[] {
    const { plan, weights, session } = this.precision;
    const layers = usedLayers(this.config);
    const step = this.precision.layersPerSession ?? layers;
    return Array.from({ length: Math.ceil(layers / step) }, (_, i) => {
      const range = { from: i * step, to: Math.min((i + 1) * step, layers) };
      const graph = qwen3Graph(weights, this.config, range, plan);
      return {
        key: `text-encoder/${sessionKey(this.precision)}/${range.from}-${range.to}`,
        graph: { ...graph, ...(session && { settings: session }) },
      };
    });
  }
}
