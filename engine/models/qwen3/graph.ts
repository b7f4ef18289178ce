import { type BuiltModel, GraphBuilder, type Value } from "../../onnx/graph-builder.ts";
import type { PrecisionPlan } from "../../precision/plan.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { LinearEmitter } from "../linear.ts";
import type { LinearModule } from "../linear-module.ts";
import { Weights } from "../weights-of.ts";
import type { Qwen3Config } from "./config.ts";

export interface Qwen3Graph extends BuiltModel {
  readonly modules: readonly LinearModule[];
  /** Names of the tensors it takes. */
  readonly tensors: readonly string[];
}

/** The layers that a text encoder runs: all but the last. */
export const usedLayers = (config: Qwen3Config): number => config.layers - 1;

/**
 * Qwen3's decoder layers `from` to `to` as a text encoder: input `embeddings` `[tokens, hidden]`, output `hidden`
 * `[tokens, hidden]`. After {@link usedLayers} that is `hidden_states[-2]`, the output of the second-to-last layer (the
 * last layer and the final norm are not run).
 */
export function qwen3Graph(
  set: WeightSet,
  config: Qwen3Config,
  range: { from: number; to: number },
  plan: PrecisionPlan,
): Qwen3Graph {
  const graph = new GraphBuilder("qwen3 text encoder");
  const { heads, kvHeads, headDim } = config;
  /** Every key head serves `heads / kvHeads` query heads in a row. `[1, tokens, kvHeads * d]` to `[1, tokens, heads * d]` */
  const repeated = (value: Value) => {
    if (heads === kvHeads) return value;
    const split = graph.op("Reshape", [value, graph.ints([-1, kvHeads, 1, headDim])]);
    const tiled = graph.op("Tile", [split, graph.ints([1, 1, heads / kvHeads, 1])]);
    return graph.op("Reshape", [tiled, graph.ints([1, -1, heads * headDim])]);
  };
  const { hidden, modules, tensors } = emitLayers(graph, set, config, range, plan, (_layer, q, k, v) =>
    graph.contrib("MultiHeadAttention", [q, repeated(k), repeated(v)], { num_heads: heads, unidirectional: 1 }),
  );
  graph.output("hidden", hidden, "float32", ["tokens", config.hidden]);
  return { ...graph.build(), modules, tensors };
}

/**
 * Attention of one layer: q `[1, tokens, heads * headDim]`, k and v `[1, tokens, kvHeads * headDim]`, normed and rotated,
 * to `[1, tokens, heads * headDim]` or another shape of the same rows.
 */
export type Attend = (layer: number, q: Value, k: Value, v: Value) => Value;

/**
 * Emits layers `from` to `to` with their inputs `embeddings` `[tokens, hidden]`, `cos` and `sin` `[tokens, headDim / 2]` and
 * `positions` `[1, tokens]`, which counts the rows of those.
 * Reference: transformers modeling_qwen3.py. Grouped-query attention; norm on q and k; rotate-half RoPE.
 */
export function emitLayers(
  graph: GraphBuilder,
  set: WeightSet,
  config: Qwen3Config,
  range: { from: number; to: number },
  plan: PrecisionPlan,
  attend: Attend,
): { hidden: Value; modules: readonly LinearModule[]; tensors: readonly string[] } {
  const weights = new Weights(set);
  const linears = new LinearEmitter(graph, weights, plan);
  const { hidden, intermediate, heads, kvHeads, headDim } = config;
  const norm = (x: Value, name: string, size: number) => rmsNorm(graph, weights, config, x, name, size);

  let x = graph.input("embeddings", "float32", ["tokens", hidden]);
  const cos = graph.input("cos", "float32", ["tokens", headDim / 2]);
  const sin = graph.input("sin", "float32", ["tokens", headDim / 2]);
  const positions = graph.input("positions", "int64", [1, "tokens"]);

  const rotated = (value: Value, name: string, count: number) => {
    const perHead = graph.op("Reshape", [value, graph.ints([-1, count, headDim])]);
    const normed = graph.op("Reshape", [norm(perHead, name, headDim), graph.ints([1, -1, count * headDim])]);
    return graph.contrib("RotaryEmbedding", [normed, positions, cos, sin], { interleaved: 0, num_heads: count });
  };

  for (let i = range.from; i < range.to; i++) {
    const path = `model.layers.${i}`;
    const normed = norm(x, `${path}.input_layernorm`, hidden);
    const project = (name: string, count: number) =>
      linears.linear(`${path}.self_attn.${name}`, normed, hidden, count * headDim, { bias: false });
    const value = graph.op("Reshape", [project("v_proj", kvHeads), graph.ints([1, -1, kvHeads * headDim])]);
    const attended = attend(
      i,
      rotated(project("q_proj", heads), `${path}.self_attn.q_norm`, heads),
      rotated(project("k_proj", kvHeads), `${path}.self_attn.k_norm`, kvHeads),
      value,
    );
    const rows = graph.op("Reshape", [attended, graph.ints([-1, heads * headDim])]);
    x = graph.op("Add", [
      x,
      linears.linear(`${path}.self_attn.o_proj`, rows, heads * headDim, hidden, { bias: false }),
    ]);

    const inner = norm(x, `${path}.post_attention_layernorm`, hidden);
    const gate = linears.linear(`${path}.mlp.gate_proj`, inner, hidden, intermediate, { bias: false });
    const up = linears.linear(`${path}.mlp.up_proj`, inner, hidden, intermediate, { bias: false });
    const activated = graph.op("Mul", [graph.op("Mul", [gate, graph.op("Sigmoid", [gate])]), up]);
    x = graph.op("Add", [x, linears.linear(`${path}.mlp.down_proj`, activated, intermediate, hidden, { bias: false })]);
  }
  return { hidden: x, modules: linears.modules, tensors: [...weights.used] };
}

export function rmsNorm(
  graph: GraphBuilder,
  weights: Weights,
  { normEps }: Qwen3Config,
  x: Value,
  name: string,
  size: number,
): Value {
  return graph.op("SimplifiedLayerNormalization", [x, graph.weight(weights.get(`${name}.weight`, [size]))], {
    axis: -1,
    epsilon: { float: normEps },
    stash_type: 1,
  });
}
