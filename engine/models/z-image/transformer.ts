import * as ort from "onnxruntime-node";
import { CancelledError } from "../../../common/errors.ts";
import type { GraphNeeds } from "../../precision/derived-layout.ts";
import type { Feeds, SessionPool } from "../../runtime/session-pool.ts";
import type { Acceleration } from "../../types.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { type ComponentPrecision, referencePrecision } from "../component-precision.ts";
import { type LoraUpdates, loraFeeds, noUpdates } from "../lora-feeds.ts";
import { PATCH, TIME_FEATURES, type ZImageConfig } from "./config.ts";
import { captionGraph, isFirst, type LayerRange, layersGraph, type TransformerGraph } from "./graph.ts";
import { type Segment, Segments } from "./segments.ts";
import { blockSplit, type StepCache } from "./step-cache.ts";
import {
  type ClosedAxes,
  type GridOffset,
  joinTables,
  patchify,
  type RotaryTable,
  rolledTokens,
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
  /** Runs with the same one have the same image tokens until these meet the caption's. */
  readonly imageKey: string;
}

/** What all graphs of a transformer take from its weights. */
export function transformerNeeds(weights: WeightSet, config: ZImageConfig): GraphNeeds {
  return needsOf([captionGraph(weights, config, "reference"), floatLayers(weights, config, 0, config.layers)]);
}

/** What a session a layer takes from the weights, of those sessions that have one of `modules` in them. */
export function sessionNeeds(weights: WeightSet, config: ZImageConfig, modules: ReadonlySet<string>): GraphNeeds {
  const layers = Array.from({ length: config.layers }, (_, i) => floatLayers(weights, config, i, i + 1));
  const graphs = [captionGraph(weights, config, "reference"), ...layers];
  return needsOf(graphs.filter((graph) => graph.modules.some(({ path }) => modules.has(path))));
}

function floatLayers(weights: WeightSet, config: ZImageConfig, from: number, to: number): TransformerGraph {
  return layersGraph(weights, config, { from, to }, { control: false, plan: "reference" });
}

function needsOf(graphs: readonly TransformerGraph[]): GraphNeeds {
  return {
    tensors: [...new Set(graphs.flatMap(({ tensors }) => tensors))],
    modules: graphs.flatMap(({ modules }) => modules),
  };
}

export interface ForwardOptions {
  readonly signal?: AbortSignal;
  /** Residuals of a ControlNet, one per main layer index: `[tokens, dim]`. */
  readonly control?: ReadonlyMap<number, Float32Array>;
  /** Leaves out main layers where they would add about what they added before. One cache per prompt and picture. */
  readonly cache?: StepCache;
  /** Whether this step is one at which the cache may be used; true by default. */
  readonly mayReuse?: boolean;
  /** With `cache`: by how many patches the latent is rolled down and right, so that the cache can follow it. */
  readonly roll?: GridOffset;
}

/** Tokens on their way through the segments. */
interface Tokens {
  readonly hidden?: ort.Tensor;
  readonly timeEmbedding?: ort.Tensor;
  /** Of a segment that only embeds. */
  readonly modulated?: ort.Tensor;
  /** Of the last segment. */
  readonly patches?: ort.Tensor;
}

/** Refined image tokens, before they meet a caption, and what they were made of. */
interface ImageEmbedding {
  readonly imageKey: string;
  readonly updates: LoraUpdates;
  readonly patches: Float32Array;
  readonly time: Float32Array;
  /** `[padded image tokens, dim]` */
  readonly tokens: Float32Array;
  readonly timeEmbedding: ort.Tensor;
}

/** What the segments of one forward pass take besides tokens. */
interface PassInputs {
  readonly run: PreparedRun;
  readonly patches: ort.Tensor;
  readonly time: ort.Tensor;
  readonly options: ForwardOptions;
}

/** Z-Image's transformer over one latent at a time. */
export class ZImageTransformer {
  readonly config: ZImageConfig;
  readonly precision: ComponentPrecision;
  readonly #pool: SessionPool;
  readonly #layersPerSession: number;
  readonly #segments: Segments;
  #lastEmbedding: ImageEmbedding | undefined;

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
    this.#segments = new Segments("transformer", precision);
    this.#layersPerSession = precision.layersPerSession ?? config.layers;
  }

  /** Every main layer has a session of its own, and LoRAs of full rank are merged into weights. */
  get isLarge(): boolean {
    return this.precision.layersPerSession === 1;
  }

  /** Creates the sessions of a run without ControlNets. */
  async warm(acceleration?: Acceleration, updates: LoraUpdates = noUpdates): Promise<void> {
    const ranges = acceleration === undefined ? this.#plainRanges() : this.#cuts(acceleration).flat();
    for (const { key, graph } of [
      this.#captionSegment(updates),
      ...ranges.map((range) => this.#layersSegment(range, false, updates)),
    ]) {
      await this.#pool.use(
        key,
        () => graph,
        async () => undefined,
      );
    }
  }

  /** @param closed directions in which the picture continues on its other side */
  async prepare(
    text: TextFeatures,
    size: LatentSize,
    updates: LoraUpdates = noUpdates,
    closed?: ClosedAxes,
  ): Promise<PreparedRun> {
    const shape = sequenceShape(size.height, size.width, text.tokens);
    const tables = rotaryTables(this.config, shape, closed);
    const caption = await this.#refineCaption(text, shape.paddedCaptionTokens, tables.caption, updates);
    const joint = joinTables(tables.image, tables.caption);
    return {
      size,
      shape,
      updates,
      imageKey: JSON.stringify([size, shape.paddedCaptionTokens, closed]),
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
    const inputs: PassInputs = { run, patches, time: timeFeed, options };
    const output =
      options.cache === undefined ? await this.#throughAll(inputs) : await this.#throughCached(options.cache, inputs);
    return unpatchify(output.patches!.data as Float32Array, channels, run.shape);
  }

  async #throughAll(inputs: PassInputs): Promise<Tokens> {
    if (!this.isLarge) return this.#through(this.#ranges(), inputs);
    return this.#through(this.#ranges(0), inputs, await this.#embedded(inputs));
  }

  /**
   * What comes before the main layers. The passes of guidance differ in nothing until then but in their captions: where those
   * have the same padded length, and so the image's tokens the same positions, the second pass takes the first one's tokens.
   */
  async #embedded(inputs: PassInputs): Promise<Tokens> {
    const { run, patches, time } = inputs;
    const { dim } = this.config;
    const caption = run.feeds.caption!;
    const [tokens, total] = [run.shape.paddedImageTokens, run.shape.paddedImageTokens + run.shape.paddedCaptionTokens];
    const known = this.#lastEmbedding;
    if (
      known?.imageKey === run.imageKey &&
      known.updates === run.updates &&
      areEqual(known.time, floatsOf(time)) &&
      areEqual(known.patches, floatsOf(patches))
    ) {
      const hidden = new Float32Array(total * dim);
      hidden.set(known.tokens);
      hidden.set(floatsOf(caption), known.tokens.length);
      return { hidden: new ort.Tensor("float32", hidden, [total, dim]), timeEmbedding: known.timeEmbedding };
    }
    const { control: _, ...options } = inputs.options;
    const embedded = await this.#through([EMBEDDING], { ...inputs, options });
    this.#lastEmbedding = {
      ...{ imageKey: run.imageKey, updates: run.updates, patches: floatsOf(patches), time: floatsOf(time) },
      tokens: floatsOf(embedded.hidden!).slice(0, tokens * dim),
      timeEmbedding: embedded.timeEmbedding!,
    };
    return embedded;
  }

  async #through(ranges: readonly LayerRange[], inputs: PassInputs, tokens: Tokens = {}): Promise<Tokens> {
    const { run, patches, time, options } = inputs;
    const withControl = options.control !== undefined;
    let { hidden, timeEmbedding, modulated, patches: output } = tokens;
    for (const range of ranges) {
      if (options.signal?.aborted) throw new CancelledError();
      const { key, graph } = this.#layersSegment(range, withControl, run.updates);
      const feeds: Feeds = { ...run.rotary };
      if (isFirst(range)) Object.assign(feeds, run.feeds, { patches, time });
      else Object.assign(feeds, { hidden, time_embedding: timeEmbedding });
      if (withControl) Object.assign(feeds, this.#controlFeeds(range, options.control, run));
      const results = await this.#pool.use(
        key,
        () => graph,
        async (session) => {
          const loras = await session.hold(run.updates, () => loraFeeds(graph.modules, run.updates, this.#pool));
          return session.run({ ...feeds, ...loras });
        },
      );
      hidden = results.hidden_out;
      timeEmbedding = results.time_embedding_out ?? timeEmbedding;
      modulated = results.modulated_out;
      output = results.patches_out;
    }
    return definedOf({ hidden, timeEmbedding, modulated, patches: output });
  }

  /** Cut after what the cache compares and before what always runs at the end; between the cuts, what it may leave out. */
  async #throughCached(cache: StepCache, inputs: PassInputs): Promise<Tokens> {
    const { layers, dim } = this.config;
    const { shape } = inputs.run;
    const { mayReuse = true, roll = { rows: 0, columns: 0 } } = inputs.options;
    const { first, last } = blockSplit(cache.settings, layers);
    const end = layers - last;
    const [embedding, beginning, middle, rest] = this.#cuts(cache.settings);
    const back = { rows: -roll.rows, columns: -roll.columns };
    const inPlace = (tokens: Float32Array) => rolledTokens(tokens, dim, shape, back);
    const imageTokens = (tokens: Float32Array) => inPlace(tokens).subarray(0, shape.imageTokens * dim);

    const embedded = await this.#through(embedding, inputs);
    const begun = await this.#through(beginning, inputs, embedded);
    const before = floatsOf(begun.hidden!);
    const indicator = first === 0 ? floatsOf(embedded.modulated!) : subtracted(before, floatsOf(embedded.hidden!));
    const known = cache.reuse(imageTokens(indicator), mayReuse);
    let after: Tokens;
    if (known === undefined) {
      after = await this.#through(middle, inputs, begun);
      cache.keep(inPlace(subtracted(floatsOf(after.hidden!), before)));
    } else {
      const hidden = added(before, rolledTokens(known, dim, shape, roll));
      after = { ...begun, hidden: new ort.Tensor("float32", hidden, begun.hidden!.dims) };
    }
    const skipped = known === undefined ? 0 : end - first;
    cache.count(layers - skipped, skipped);
    return this.#through(rest, inputs, after);
  }

  async #refineCaption(
    text: TextFeatures,
    padded: number,
    rotary: RotaryTable,
    updates: LoraUpdates,
  ): Promise<ort.Tensor> {
    const { key, graph } = this.#captionSegment(updates);
    const features = new Float32Array(padded * this.config.captionDim);
    features.set(text.embeddings);
    const feeds: Feeds = {
      features: new ort.Tensor("float32", features, [padded, this.config.captionDim]),
      is_padding: paddingFeed(text.tokens, padded),
      ...rotaryFeeds("rotary", rotary, this.config),
      ...loraFeeds(graph.modules, updates, this.#pool),
    };
    const results = await this.#pool.use(
      key,
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

  /** Embedding, the layers that always run, those that may be left out, and what always runs at the end. */
  #cuts(acceleration: Acceleration): [LayerRange[], LayerRange[], LayerRange[], LayerRange[]] {
    const { layers } = this.config;
    const { first, last } = blockSplit(acceleration, layers);
    const middle = this.#ranges(first, layers - last).map((range) =>
      range.to === layers ? { ...range, givesHidden: true } : range,
    );
    const beginning = first === 0 ? [] : this.#ranges(0, first);
    return [[EMBEDDING], beginning, middle, this.#ranges(layers - last, layers)];
  }

  /** Of a pass that leaves nothing out. */
  #plainRanges(): LayerRange[] {
    return this.isLarge ? [EMBEDDING, ...this.#ranges(0)] : this.#ranges();
  }

  /** All main layers; or some, the first of which then takes tokens that are embedded already. */
  #ranges(first?: number, end = this.config.layers): LayerRange[] {
    const ranges: LayerRange[] = [];
    const start = first ?? 0;
    for (let from = start; from < end || from === start; from += this.#layersPerSession) {
      const to = Math.min(from + this.#layersPerSession, end);
      ranges.push({ from, to, ...(first === 0 && from === 0 && { isEmbedded: true }) });
    }
    return ranges;
  }

  #captionSegment(updates: LoraUpdates): Segment {
    return this.#segments.get("caption", updates, (weights, { plan }) => captionGraph(weights, this.config, plan));
  }

  #layersSegment(range: LayerRange, control: boolean, updates: LoraUpdates): Segment {
    const { from, to, isEmbedded, givesHidden } = range;
    const ends = `${isEmbedded ? "/embedded" : ""}${givesHidden ? "/hidden" : ""}`;
    const name = `layers/${from}-${to}${ends}${control ? "/control" : ""}`;
    return this.#segments.get(name, updates, (weights, forms) =>
      layersGraph(weights, this.config, range, { ...forms, control }),
    );
  }
}

/** Only embeds the inputs. */
const EMBEDDING: LayerRange = { from: 0, to: 0 };

const areEqual = (a: Float32Array, b: Float32Array): boolean =>
  a === b || (a.length === b.length && a.every((value, i) => value === b[i]));

const floatsOf = (tensor: ort.Tensor) => tensor.data as Float32Array;

function added(a: Float32Array, b: Float32Array): Float32Array {
  const sum = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) sum[i] = a[i]! + b[i]!;
  return sum;
}

function subtracted(a: Float32Array, b: Float32Array): Float32Array {
  const difference = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) difference[i] = a[i]! - b[i]!;
  return difference;
}

function definedOf(tokens: { [K in keyof Tokens]: Tokens[K] | undefined }): Tokens {
  return Object.fromEntries(Object.entries(tokens).filter(([, value]) => value !== undefined));
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
