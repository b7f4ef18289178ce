import * as ort from "onnxruntime-node";
import { CancelledError, HeddleError } from "../../../common/errors.ts";
import type { GraphNeeds } from "../../precision/derived-layout.ts";
import type { Feeds, LoadableModel, SessionPool } from "../../runtime/session-pool.ts";
import { bytesToFloats, readRanges } from "../../weights/read-tensor.ts";
import { sliceRows } from "../../weights/tensor.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { type ComponentPrecision, referencePrecision, sessionKey } from "../component-precision.ts";
import { type LoraUpdates, loraFeeds, noUpdates } from "../lora-feeds.ts";
import { Weights } from "../weights-of.ts";
import type { Qwen3Config } from "./config.ts";
import { type Qwen3Graph, qwen3Graph, usedLayers } from "./graph.ts";

const EMBEDDING = "model.embed_tokens.weight";

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
    const { hidden, headDim } = this.config;
    const { cos, sin } = this.#rotaryTable(ids.length);
    const rotary: Feeds = {
      cos: new ort.Tensor("float32", cos, [ids.length, headDim / 2]),
      sin: new ort.Tensor("float32", sin, [ids.length, headDim / 2]),
      positions: new ort.Tensor(
        "int64",
        BigInt64Array.from(ids, (_, i) => BigInt(i)),
        [1, ids.length],
      ),
    };
    let x = new ort.Tensor("float32", await this.#embed(ids), [ids.length, hidden]);
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

  /** The embedding table is as large as a small model, so only the rows of these tokens are read from the file. */
  async #embed(ids: readonly number[]): Promise<Float32Array> {
    const { hidden, vocabulary } = this.config;
    const table = new Weights(this.#weights).get(EMBEDDING, [vocabulary, hidden]);
    const outside = ids.find((id) => id < 0 || id >= vocabulary);
    if (outside !== undefined) {
      throw new HeddleError({
        code: "token-unknown",
        message: `The tokenizer gives the token ${outside}, but this text encoder knows only ${vocabulary}.`,
        help: "The tokenizer and the text encoder belong to different models. Put the right tokenizer beside the encoder.",
      });
    }
    const distinct = [...new Set(ids)];
    const rows = distinct.map((id) => sliceRows(table, id, 1));
    const bytes = await readRanges(table.path, rows);
    const rowOf = new Map(distinct.map((id, i) => [id, bytesToFloats(bytes[i]!, rows[i]!)]));
    const embeddings = new Float32Array(ids.length * hidden);
    for (const [i, id] of ids.entries()) embeddings.set(rowOf.get(id)!, i * hidden);
    return embeddings;
  }

  /** Cosines and sines `[tokens, headDim / 2]`; inverse frequencies and angles in float32, as transformers computes them. */
  #rotaryTable(tokens: number): { cos: Float32Array; sin: Float32Array } {
    const half = this.config.headDim / 2;
    const cos = new Float32Array(tokens * half);
    const sin = new Float32Array(tokens * half);
    for (let k = 0; k < half; k++) {
      const frequency = Math.fround(1 / Math.fround(this.config.ropeTheta ** Math.fround(k / half)));
      for (let token = 0; token < tokens; token++) {
        const angle = Math.fround(token * frequency);
        cos[token * half + k] = Math.cos(angle);
        sin[token * half + k] = Math.sin(angle);
      }
    }
    return { cos, sin };
  }
}
