import { GraphBuilder, type BuiltModel, type Value } from "../../onnx/graph-builder.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { LinearEmitter, type LinearModule } from "../linear.ts";
import { Weights } from "../weights-of.ts";
import { PATCH, TIME_FEATURES, TIME_HIDDEN, type ZImageConfig } from "./config.ts";

/**
 * Graphs of Z-Image's single-stream diffusion transformer (`ZImageTransformer2DModel`; reference: Tongyi-MAI/Z-Image
 * src/zimage/transformer.py). One sample at a time, activations as `[tokens, width]`.
 *
 * The transformer is cut into segments that run one after the other:
 *
 * - `caption`: text features to refined caption tokens. The same at every step, so it runs once per prompt.
 * - `layers from..to`: a run of the main layers; the first one also embeds time and patches, the last one also makes
 *   the output. A small model has one such segment; a large one has one per block, which bounds memory and gives
 *   points where a run can be cancelled.
 */
export interface TransformerGraph extends BuiltModel {
  /** The linear layers in this graph, whose LoRA inputs it takes. */
  readonly modules: readonly LinearModule[];
}

class Emitter {
  readonly graph: GraphBuilder;
  readonly weights: Weights;
  readonly linears: LinearEmitter;
  readonly config: ZImageConfig;

  constructor(name: string, set: WeightSet, config: ZImageConfig) {
    this.graph = new GraphBuilder(name);
    this.weights = new Weights(set);
    this.linears = new LinearEmitter(this.graph, this.weights);
    this.config = config;
  }

  build(): TransformerGraph {
    return { ...this.graph.build(), modules: this.linears.modules };
  }

  silu(x: Value): Value {
    return this.graph.op("Mul", [x, this.graph.op("Sigmoid", [x])]);
  }

  rmsNorm(x: Value, name: string, size: number, eps = this.config.normEps): Value {
    const scale = this.graph.weight(this.weights.get(`${name}.weight`, [size]));
    return this.graph.op("SimplifiedLayerNormalization", [x, scale], { axis: -1, epsilon: { float: eps }, stash_type: 1 });
  }

  /** `[1, adalnDim]` from the sinusoidal features of the time. */
  timeEmbedding(features: Value): Value {
    const { adalnDim } = this.config;
    const hidden = this.linears.linear("t_embedder.mlp.0", features, TIME_FEATURES, TIME_HIDDEN, { bias: true });
    return this.linears.linear("t_embedder.mlp.2", this.silu(hidden), TIME_HIDDEN, adalnDim, { bias: true });
  }

  /** q or k: norm per head, then rotary embedding over adjacent pairs. `[tokens, dim]` to `[1, tokens, dim]` */
  rotated(x: Value, norm: string, rotary: Rotary): Value {
    const { heads, headDim, dim } = this.config;
    const { graph } = this;
    const perHead = graph.op("Reshape", [x, graph.ints([-1, heads, headDim])]);
    const normed = graph.op("Reshape", [this.rmsNorm(perHead, norm, headDim), graph.ints([1, -1, dim])]);
    return graph.contrib("RotaryEmbedding", [normed, rotary.positions, rotary.cos, rotary.sin], {
      interleaved: 1,
      num_heads: heads,
    });
  }

  attention(path: string, x: Value, rotary: Rotary): Value {
    const { dim, heads } = this.config;
    const { graph, linears } = this;
    const q = linears.linear(`${path}.to_q`, x, dim, dim, { bias: false });
    const k = linears.linear(`${path}.to_k`, x, dim, dim, { bias: false });
    const v = linears.linear(`${path}.to_v`, x, dim, dim, { bias: false });
    const attended = graph.contrib(
      "MultiHeadAttention",
      [
        this.rotated(q, `${path}.norm_q`, rotary),
        this.rotated(k, `${path}.norm_k`, rotary),
        graph.op("Reshape", [v, graph.ints([1, -1, dim])]),
      ],
      { num_heads: heads },
    );
    const rows = graph.op("Reshape", [attended, graph.ints([-1, dim])]);
    return linears.linear(`${path}.to_out.0`, rows, dim, dim, { bias: false });
  }

  feedForward(path: string, x: Value): Value {
    const { dim, ffnDim } = this.config;
    const gate = this.linears.linear(`${path}.w1`, x, dim, ffnDim, { bias: false });
    const up = this.linears.linear(`${path}.w3`, x, dim, ffnDim, { bias: false });
    const hidden = this.graph.op("Mul", [this.silu(gate), up]);
    return this.linears.linear(`${path}.w2`, hidden, ffnDim, dim, { bias: false });
  }

  /** Scales and gates from the time embedding: no SiLU in front, no shift; gates go through tanh, scales are 1 + s. */
  modulation(path: string, time: Value): { scaleAttention: Value; gateAttention: Value; scaleFfn: Value; gateFfn: Value } {
    const { adalnDim, dim } = this.config;
    const { graph } = this;
    const all = this.linears.linear(`${path}.adaLN_modulation.0`, time, adalnDim, 4 * dim, { bias: true });
    const [s1, g1, s2, g2] = graph.ops("Split", [all], 4, { axis: 1, num_outputs: 4 });
    const one = graph.scalar(1);
    return {
      scaleAttention: graph.op("Add", [s1, one]),
      gateAttention: graph.op("Tanh", [g1]),
      scaleFfn: graph.op("Add", [s2, one]),
      gateFfn: graph.op("Tanh", [g2]),
    };
  }

  /** One transformer block; without `time` it is a context refiner block, which has no modulation. */
  block(path: string, x: Value, rotary: Rotary, time?: Value): Value {
    const { dim } = this.config;
    const { graph } = this;
    const modulation = time === undefined ? undefined : this.modulation(path, time);
    const times = (value: Value, factor: Value | undefined) =>
      factor === undefined ? value : graph.op("Mul", [value, factor]);
    const attended = this.attention(
      `${path}.attention`,
      times(this.rmsNorm(x, `${path}.attention_norm1`, dim), modulation?.scaleAttention),
      rotary,
    );
    const middle = graph.op("Add", [
      x,
      times(this.rmsNorm(attended, `${path}.attention_norm2`, dim), modulation?.gateAttention),
    ]);
    const fed = this.feedForward(
      `${path}.feed_forward`,
      times(this.rmsNorm(middle, `${path}.ffn_norm1`, dim), modulation?.scaleFfn),
    );
    return graph.op("Add", [middle, times(this.rmsNorm(fed, `${path}.ffn_norm2`, dim), modulation?.gateFfn)]);
  }

  /** Learned pad token wherever `isPadding` (`[tokens, 1]`) says so; padding takes part in attention. */
  withPadding(x: Value, isPadding: Value, token: string): Value {
    const pad = this.graph.weight(this.weights.get(token, [1, this.config.dim]));
    return this.graph.op("Where", [isPadding, pad, x]);
  }

  rotaryInputs(name: string, tokens: string): Rotary {
    const half = this.config.headDim / 2;
    return {
      cos: this.graph.input(`${name}_cos`, "float32", [tokens, half]),
      sin: this.graph.input(`${name}_sin`, "float32", [tokens, half]),
      positions: this.graph.input(`${name}_positions`, "int64", [1, tokens]),
    };
  }

  /** Patches to refined image tokens. */
  imageTokens(patches: Value, isPadding: Value, rotary: Rotary, time: Value): Value {
    const { channels, dim, refinerLayers } = this.config;
    const embedder = `all_x_embedder.${PATCH}-1`;
    const embedded = this.linears.linear(embedder, patches, PATCH * PATCH * channels, dim, { bias: true });
    let x = this.withPadding(embedded, isPadding, "x_pad_token");
    for (let i = 0; i < refinerLayers; i++) x = this.block(`noise_refiner.${i}`, x, rotary, time);
    return x;
  }

  /** Final layer: LayerNorm without weights, scale from SiLU of the time embedding, linear. */
  finalLayer(x: Value, time: Value): Value {
    const { adalnDim, channels, dim } = this.config;
    const { graph } = this;
    const path = `all_final_layer.${PATCH}-1`;
    const shift = this.linears.linear(`${path}.adaLN_modulation.1`, this.silu(time), adalnDim, dim, { bias: true });
    const ones = graph.floats(new Float32Array(dim).fill(1), [dim]);
    const normed = graph.op("LayerNormalization", [x, ones], { axis: -1, epsilon: { float: 1e-6 } });
    const scaled = graph.op("Mul", [normed, graph.op("Add", [shift, graph.scalar(1)])]);
    return this.linears.linear(`${path}.linear`, scaled, dim, PATCH * PATCH * channels, { bias: true });
  }
}

interface Rotary {
  /** `[tokens, headDim / 2]` */
  readonly cos: Value;
  readonly sin: Value;
  /** `[1, tokens]`: 0, 1, 2 ... (the tables already hold one row per token) */
  readonly positions: Value;
}

/** Text features `[caption, captionDim]` to caption tokens `[caption, dim]`. */
export function captionGraph(set: WeightSet, config: ZImageConfig): TransformerGraph {
  const emitter = new Emitter("z-image caption", set, config);
  const { graph, linears } = emitter;
  const features = graph.input("features", "float32", ["caption", config.captionDim]);
  const isPadding = graph.input("is_padding", "bool", ["caption", 1]);
  const rotary = emitter.rotaryInputs("rotary", "caption");
  const normed = emitter.rmsNorm(features, "cap_embedder.0", config.captionDim);
  const embedded = linears.linear("cap_embedder.1", normed, config.captionDim, config.dim, { bias: true });
  let x = emitter.withPadding(embedded, isPadding, "cap_pad_token");
  for (let i = 0; i < config.refinerLayers; i++) x = emitter.block(`context_refiner.${i}`, x, rotary);
  graph.output("caption", x, "float32", ["caption", config.dim]);
  return emitter.build();
}

export interface LayerRange {
  /** First main layer. */
  readonly from: number;
  /** One past the last main layer. */
  readonly to: number;
}

/** Whether a segment embeds the inputs (it has the first layer) and makes the output (it has the last). */
export const isFirst = (range: LayerRange): boolean => range.from === 0;
export const isLast = (range: LayerRange, config: ZImageConfig): boolean => range.to === config.layers;

/**
 * Main layers `from` to `to`.
 *
 * First segment: inputs `patches` `[image, 64]`, `is_padding` `[image, 1]`, `caption` `[caption, dim]`, `time` `[1, 256]`.
 * Later segments: `hidden` `[tokens, dim]` and `time_embedding` `[1, adalnDim]` of the segment before.
 * Last segment: output `patches_out` `[image, 64]`.
 *
 * With `control`, layer i also takes `control.i`, added to its output (`[tokens, dim]`, or anything that broadcasts).
 */
export function layersGraph(
  set: WeightSet,
  config: ZImageConfig,
  range: LayerRange,
  options: { control: boolean } = { control: false },
): TransformerGraph {
  const emitter = new Emitter(`z-image layers ${range.from} to ${range.to}`, set, config);
  const { graph } = emitter;
  let time: Value;
  let x: Value;
  const rotary = emitter.rotaryInputs("rotary", "tokens");
  if (isFirst(range)) {
    const patches = graph.input("patches", "float32", ["image", PATCH * PATCH * config.channels]);
    const isPadding = graph.input("is_padding", "bool", ["image", 1]);
    const caption = graph.input("caption", "float32", ["caption", config.dim]);
    const imageRotary = emitter.rotaryInputs("image_rotary", "image");
    time = emitter.timeEmbedding(graph.input("time", "float32", [1, TIME_FEATURES]));
    x = graph.op("Concat", [emitter.imageTokens(patches, isPadding, imageRotary, time), caption], { axis: 0 });
  } else {
    x = graph.input("hidden", "float32", ["tokens", config.dim]);
    time = graph.input("time_embedding", "float32", [1, config.adalnDim]);
  }
  for (let i = range.from; i < range.to; i++) {
    x = emitter.block(`layers.${i}`, x, rotary, time);
    if (options.control) x = graph.op("Add", [x, graph.input(`control.${i}`, "float32", [`control ${i}`, `width ${i}`])]);
  }
  if (isLast(range, config)) {
    // The caption's tokens come after the image's; only the latter become pixels.
    graph.output("patches_out", emitter.finalLayer(x, time), "float32", ["tokens", PATCH * PATCH * config.channels]);
  } else {
    graph.output("hidden_out", x, "float32", ["tokens", config.dim]);
    if (isFirst(range)) graph.output("time_embedding_out", time, "float32", [1, config.adalnDim]);
  }
  return emitter.build();
}
