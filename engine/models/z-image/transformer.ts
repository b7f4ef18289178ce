import * as ort from "onnxruntime-node";
import { CancelledError } from "../../../common/errors.ts";
import type { GraphNeeds } from "../../precision/derived-layout.ts";
import type { Feeds, LoadableModel, SessionPool } from "../../runtime/session-pool.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { type ComponentPrecision, referencePrecision, sessionKey } from "../component-precision.ts";
import { type LoraUpdates, loraFeeds, noUpdates } from "../lora-feeds.ts";
import { PATCH, TIME_FEATURES, type ZImageConfig } from "./config.ts";
import { captionGraph, isFirst, type LayerRange, layersGraph, type TransformerGraph } from "./graph.ts";
import {
  joinTables,
  patchify,
  type RotaryTable,
  rotaryTables,
  sequenceShape,
  timeFeatures,
  unpatchify,
} from "./tokens.ts";

/** Text features as the text encoder gives them: Float32Array `[tokens, width]`. */
export interface TextFeatures {
  readonly embeddings: Float32Array;
  readonly tokens: number;
}

/** Latent size in latent pixels (1/8 of the picture), both even. */
export interface LatentSize {
  readonly height: number;
  readonly width: number;
}

/** What stays the same over the steps of a run: sizes, rotary tables, the refined caption, LoRA inputs. */
export interface PreparedRun {
  readonly size: LatentSize;
  readonly feeds: Feeds;
  readonly rotary: Feeds;
  readonly updates: LoraUpdates;
  readonly shape: ReturnType<typeof sequenceShape>;
}

type SegmentGraph = TransformerGraph & LoadableModel;

/** What all graphs of a transformer take from its weights. */
export function transformerNeeds(weights: WeightSet, config: ZImageConfig): GraphNeeds {
  const graphs = [
    captionGraph(weights, config, "reference"),
    layersGraph(weights, config, { from: 0, to: config.layers }, { control: false, plan: "reference" }),
  ];
  return {
    tensors: [...new Set(graphs.flatMap(({ tensors }) => tensors))],
    modules: graphs.flatMap(({ modules }) => modules),
  };
}

export interface ForwardOptions {
  readonly signal?: AbortSignal;
  /** Residuals of a ControlNet, one per main layer index: `[tokens, dim]`. */
  readonly control?: ReadonlyMap<number, Float32Array>;
}

/** Z-Image's transformer over one latent at a time. */
export class ZImageTransformer {
  readonly config: ZImageConfig;
  readonly precision: ComponentPrecision;
  readonly #pool: SessionPool;
  readonly #key: string;
  readonly #layersPerSession: number;
  readonly #graphs = new Map<string, SegmentGraph>();

  /** All weights as stored, in one session, unless `precision` says otherwise. */
  constructor(
    weights: WeightSet,
    config: ZImageConfig,
    pool: SessionPool,
    precision: ComponentPrecision = referencePrecision(weights),
  ) {
    this.config = config;
    this.precision = precision;
    this.#pool = pool;
    this.#key = `transformer/${sessionKey(precision)}`;
    this.#layersPerSession = precision.layersPerSession ?? config.layers;
  }

  /** Creates the sessions of a plain run. */
  async warm(): Promise<void> {
    await this.#pool.use(
      `${this.#key}/caption`,
      () => this.#captionGraph(),
      async () => undefined,
    );
    for (const range of this.#ranges()) {
      await this.#pool.use(
        this.#layersKey(range, false),
        () => this.#layersGraph(range, false),
        async () => undefined,
      );
    }
  }

  async prepare(text: TextFeatures, size: LatentSize, updates: LoraUpdates = noUpdates): Promise<PreparedRun> {
    const shape = sequenceShape(size.height, size.width, text.tokens);
    const tables = rotaryTables(this.config, shape);
    const caption = await this.#refineCaption(text, shape.paddedCaptionTokens, tables.caption, updates);
    const joint = joinTables(tables.image, tables.caption);
    return {
      size,
      shape,
      updates,
      rotary: rotaryFeeds("rotary", joint, this.config),
      feeds: {
        caption,
        is_padding: paddingFeed(shape.imageTokens, shape.paddedImageTokens),
        ...rotaryFeeds("image_rotary", tables.image, this.config),
      },
    };
  }

  /**
   * The raw output of the model, before the pipeline's sign flip.
   *
   * @param latent `[channels, height, width]`
   * @param time 1 - sigma: 0 is pure noise, 1 is clean.
   */
  async forward(
    latent: Float32Array,
    time: number,
    run: PreparedRun,
    options: ForwardOptions = {},
  ): Promise<Float32Array> {
    const { channels } = this.config;
    const timeFeed = new ort.Tensor("float32", timeFeatures(this.config, time), [1, TIME_FEATURES]);
    const patches = new ort.Tensor("float32", patchify(latent, channels, run.shape), [
      run.shape.paddedImageTokens,
      PATCH * PATCH * channels,
    ]);
    const withControl = options.control !== undefined;
    let hidden: ort.Tensor | undefined;
    let timeEmbedding: ort.Tensor | undefined;
    let output: ort.Tensor | undefined;
    for (const range of this.#ranges()) {
      if (options.signal?.aborted) throw new CancelledError();
      const graph = this.#layersGraph(range, withControl);
      const feeds: Feeds = { ...run.rotary, ...loraFeeds(graph.modules, run.updates, this.#pool) };
      if (isFirst(range)) Object.assign(feeds, run.feeds, { patches, time: timeFeed });
      else Object.assign(feeds, { hidden, time_embedding: timeEmbedding });
      if (withControl) Object.assign(feeds, this.#controlFeeds(range, options.control, run));
      const results = await this.#pool.use(
        this.#layersKey(range, withControl),
        () => graph,
        (session) => session.run(feeds),
      );
      hidden = results.hidden_out;
      timeEmbedding = results.time_embedding_out ?? timeEmbedding;
      output = results.patches_out;
    }
    return unpatchify(output!.data as Float32Array, channels, run.shape);
  }

  async #refineCaption(
    text: TextFeatures,
    padded: number,
    rotary: RotaryTable,
    updates: LoraUpdates,
  ): Promise<ort.Tensor> {
    const graph = this.#captionGraph();
    const features = new Float32Array(padded * this.config.captionDim);
    features.set(text.embeddings);
    const feeds: Feeds = {
      features: new ort.Tensor("float32", features, [padded, this.config.captionDim]),
      is_padding: paddingFeed(text.tokens, padded),
      ...rotaryFeeds("rotary", rotary, this.config),
      ...loraFeeds(graph.modules, updates, this.#pool),
    };
    const results = await this.#pool.use(
      `${this.#key}/caption`,
      () => graph,
      (session) => session.run(feeds),
    );
    return results.caption!;
  }

  #controlFeeds(range: LayerRange, control: ReadonlyMap<number, Float32Array> | undefined, run: PreparedRun): Feeds {
    const feeds: Feeds = {};
    const tokens = run.shape.paddedImageTokens + run.shape.paddedCaptionTokens;
    for (let i = range.from; i < range.to; i++) {
      const residual = control?.get(i);
      feeds[`control.${i}`] =
        residual === undefined
          ? new ort.Tensor("float32", new Float32Array(1), [1, 1])
          : new ort.Tensor("float32", residual, [tokens, this.config.dim]);
    }
    return feeds;
  }

  #ranges(): LayerRange[] {
    const ranges: LayerRange[] = [];
    for (let from = 0; from < this.config.layers; from += this.#layersPerSession) {
      ranges.push({ from, to: Math.min(from + this.#layersPerSession, this.config.layers) });
    }
    return ranges;
  }

  #captionGraph(): SegmentGraph {
    return this.#graph("caption", () =>
      this.#withSettings(captionGraph(this.precision.weights, this.config, this.precision.plan)),
    );
  }

  #layersGraph(range: LayerRange, control: boolean): SegmentGraph {
    return this.#graph(this.#layersKey(range, control), () =>
      this.#withSettings(
        layersGraph(this.precision.weights, this.config, range, { control, plan: this.precision.plan }),
      ),
    );
  }

  #withSettings(graph: TransformerGraph): SegmentGraph {
    const { session } = this.precision;
    return { ...graph, ...(session && { settings: session }) };
  }

  #layersKey(range: LayerRange, control: boolean): string {
    return `${this.#key}/layers/${range.from}-${range.to}${control ? "/control" : ""}`;
  }

  #graph(key: string, build: () => SegmentGraph): SegmentGraph {
    const known = this.#graphs.get(key);
    if (known !== undefined) return known;
    const graph = build();
    this.#graphs.set(key, graph);
    return graph;
  }
}

function paddingFeed(tokens: number, padded: number): ort.Tensor {
  const flags = new Uint8Array(padded).fill(1, tokens);
  return new ort.Tensor("bool", flags, [padded, 1]);
}

function rotaryFeeds(name: string, table: RotaryTable, config: ZImageConfig): Feeds {
  const shape = [table.tokens, config.headDim / 2];
  return {
    [`${name}_cos`]: new ort.Tensor("float32", table.cos, shape),
    [`${name}_sin`]: new ort.Tensor("float32", table.sin, shape),
    [`${name}_positions`]: new ort.Tensor(
      "int64",
      BigInt64Array.from({ length: table.tokens }, (_, i) => BigInt(i)),
      [1, table.tokens],
    ),
  };
}
