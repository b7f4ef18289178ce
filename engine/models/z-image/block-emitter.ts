import type { GraphBuilder, Value } from "../../onnx/graph-builder.ts";
import type { PrecisionPlan } from "../../precision/plan.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { integerAttention } from "../integer-attention.ts";
import { LinearEmitter } from "../linear.ts";
import { inParts, partsOf } from "../row-parts.ts";
import { Weights } from "../weights-of.ts";
import { PATCH, TIME_FEATURES, TIME_HIDDEN, type ZImageConfig } from "./config.ts";

/** How blocks compute; in float32 where nothing is said. */
export interface BlockForms {
  readonly plan?: PrecisionPlan;
  /** Attention in 8 bits: `integer-attention.ts`. */
  readonly integerAttention?: boolean;
  /** Tokens are computed in parts where that is faster, which gives the same numbers; true by default. */
  readonly inParts?: boolean;
}

/** Emits the parts of Z-Image's transformer into a graph. Activations are `[tokens, width]`. */
export class BlockEmitter {
  readonly graph: GraphBuilder;
  readonly weights: Weights;
  readonly linears: LinearEmitter;
  readonly config: ZImageConfig;
  readonly #hasIntegerAttention: boolean;
  readonly #isCut: boolean;

  constructor(
    graph: GraphBuilder,
    set: WeightSet,
    config: ZImageConfig,
    { plan = "reference", integerAttention: hasIntegerAttention = false, inParts: mayCut = true }: BlockForms = {},
  ) {
    this.#hasIntegerAttention = hasIntegerAttention;
    // The products of other plans are slow enough to hide what lies between them; graphics processors have no loops.
    this.#isCut = mayCut && plan === "h8";
    this.graph = graph;
    this.weights = new Weights(set);
    this.linears = new LinearEmitter(this.graph, this.weights, plan);
    this.config = config;
  }

  silu(x: Value): Value {
    return this.graph.op("Mul", [x, this.graph.op("Sigmoid", [x])]);
  }

  rmsNorm(x: Value, name: string, size: number, eps = this.config.normEps): Value {
    const scale = this.graph.weight(this.weights.get(`${name}.weight`, [size]));
    return this.graph.op("SimplifiedLayerNormalization", [x, scale], {
      axis: -1,
      epsilon: { float: eps },
      stash_type: 1,
    });
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

  /** q and k, normed and rotated, and v, of an attention's input: `[tokens, dim]` each. */
  projections(path: string, x: Value, rotary: Rotary): [Value, Value, Value] {
    const { dim } = this.config;
    const { graph, linears } = this;
    const q = linears.linear(`${path}.to_q`, x, dim, dim, { bias: false });
    const k = linears.linear(`${path}.to_k`, x, dim, dim, { bias: false });
    const v = linears.linear(`${path}.to_v`, x, dim, dim, { bias: false });
    const rotated = (value: Value, norm: string) =>
      graph.op("Reshape", [this.rotated(value, `${path}.${norm}`, rotary), graph.ints([-1, dim])]);
    return [rotated(q, "norm_q"), rotated(k, "norm_k"), v];
  }

  /** What tokens take from each other, before the output projection: `[tokens, dim]` from q, k and v of that shape. */
  attended([q, k, v]: readonly [Value, Value, Value], parts: Value | undefined): Value {
    const { dim, heads, headDim } = this.config;
    const { graph } = this;
    if (this.#hasIntegerAttention) return integerAttention(graph, { q, k, v }, { heads, headDim }, parts);
    const sequences = [q, k, v].map((value) => graph.op("Reshape", [value, graph.ints([1, -1, dim])]));
    return graph.op("Reshape", [
      graph.contrib("MultiHeadAttention", sequences, { num_heads: heads }),
      graph.ints([-1, dim]),
    ]);
  }

  feedForward(path: string, x: Value): Value {
    const { dim, ffnDim } = this.config;
    const gate = this.linears.linear(`${path}.w1`, x, dim, ffnDim, { bias: false });
    const up = this.linears.linear(`${path}.w3`, x, dim, ffnDim, { bias: false });
    const hidden = this.graph.op("Mul", [this.silu(gate), up]);
    return this.linears.linear(`${path}.w2`, hidden, ffnDim, dim, { bias: false });
  }

  /** Scales and gates from the time embedding: no SiLU in front, no shift; gates go through tanh, scales are 1 + s. */
  modulation(
    path: string,
    time: Value,
  ): { scaleAttention: Value; gateAttention: Value; scaleFfn: Value; gateFfn: Value } {
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

  /**
   * One transformer block; without `time` it is a context refiner block, which has no modulation, and few tokens.
   *
   * Attention is all that looks at other tokens. What comes before and after it is computed in parts of the tokens under
   * h8, where products are so fast that passes over values outside the cache would count.
   */
  block(path: string, x: Value, rotary: Rotary, time?: Value): Value {
    const { dim } = this.config;
    const { graph } = this;
    const modulation = time === undefined ? undefined : this.modulation(path, time);
    const times = (value: Value, factor: Value | undefined) =>
      factor === undefined ? value : graph.op("Mul", [value, factor]);
    const attention = `${path}.attention`;
    const before = (x: Value, rotary: Rotary) =>
      this.projections(
        attention,
        times(this.rmsNorm(x, `${path}.attention_norm1`, dim), modulation?.scaleAttention),
        rotary,
      );
    const after = (x: Value, rows: Value) => {
      const projected = this.linears.linear(`${attention}.to_out.0`, rows, dim, dim, { bias: false });
      const middle = graph.op("Add", [
        x,
        times(this.rmsNorm(projected, `${path}.attention_norm2`, dim), modulation?.gateAttention),
      ]);
      const fed = this.feedForward(
        `${path}.feed_forward`,
        times(this.rmsNorm(middle, `${path}.ffn_norm1`, dim), modulation?.scaleFfn),
      );
      return graph.op("Add", [middle, times(this.rmsNorm(fed, `${path}.ffn_norm2`, dim), modulation?.gateFfn)]);
    };
    if (!this.#isCut || time === undefined) return after(x, this.attended(before(x, rotary), undefined));
    const parts = partsOf(graph, x);
    const tokens = { value: x, width: dim };
    const positions = { value: graph.op("Reshape", [rotary.positions, graph.ints([-1])]), type: "int64" } as const;
    const [q, k, v] = inParts(graph, parts, [tokens, positions], dim, (x, positions) =>
      before(x!, { ...rotary, positions: graph.op("Reshape", [positions!, graph.ints([1, -1])]) }),
    );
    const rows = { value: this.attended([q!, k!, v!], parts), width: dim };
    const [out] = inParts(graph, parts, [tokens, rows], dim, (x, rows) => [after(x!, rows!)]);
    return out!;
  }

  /** What the attention of a block sees: its input, normed and scaled for the time. */
  modulatedInput(path: string, x: Value, time: Value): Value {
    const { scaleAttention } = this.modulation(path, time);
    return this.graph.op("Mul", [this.rmsNorm(x, `${path}.attention_norm1`, this.config.dim), scaleAttention]);
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

  /** Patches to image tokens, not yet refined. */
  embeddedPatches(patches: Value, isPadding: Value): Value {
    const { channels, dim } = this.config;
    const embedder = `all_x_embedder.${PATCH}-1`;
    const embedded = this.linears.linear(embedder, patches, PATCH * PATCH * channels, dim, { bias: true });
    return this.withPadding(embedded, isPadding, "x_pad_token");
  }

  /** Patches to refined image tokens. */
  imageTokens(patches: Value, isPadding: Value, rotary: Rotary, time: Value): Value {
    let x = this.embeddedPatches(patches, isPadding);
    for (let i = 0; i < this.config.refinerLayers; i++) x = this.block(`noise_refiner.${i}`, x, rotary, time);
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

export interface Rotary {
  /** `[tokens, headDim / 2]` */
  readonly cos: Value;
  readonly sin: Value;
  /** `[1, tokens]`: 0, 1, 2 ... (the tables already hold one row per token) */
  readonly positions: Value;
}
