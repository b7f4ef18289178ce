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
 * Reference: transformers modeling_qwen3.py. Causal; grouped-query attention; norm on q and k; rotate-half RoPE.
 */
export function qwen3Graph(
  set: WeightSet,
  config: Qwen3Config,
  range: { from: number; to: number },
  plan: PrecisionPlan,
): Qwen3Graph {
  const graph = new GraphBuilder("qwen3 text encoder");
  const weights = new Weights(set);
  const linears = new LinearEmitter(graph, weights, plan);
  const { hidden, intermediate, heads, kvHeads, headDim, normEps } = config;

  const rmsNorm = (x: Value, name: string, size: number) =>
    graph.op("SimplifiedLayerNormalization", [x, graph.weight(weights.get(`${name}.weight`, [size]))], {
      axis: -1,
      epsilon: { float: normEps },
      stash_type: 1,
    });

  let x = graph.input("embeddings", "float32", ["tokens", hidden]);
  const cos = graph.input("cos", "float32", ["tokens", headDim / 2]);
  const sin = graph.input("sin", "float32", ["tokens", headDim / 2]);
  const positions = graph.input("positions", "int64", [1, "tokens"]);

  const rotated = (value: Value, norm: string, count: number) => {
    const perHead = graph.op("Reshape", [value, graph.ints([-1, count, headDim])]);
    const normed = graph.op("Reshape", [rmsNorm(perHead, norm, headDim), graph.ints([1, -1, count * headDim])]);
    return graph.contrib("RotaryEmbedding", [normed, positions, cos, sin], { interleaved: 0, num_heads: count });
  };
  /** Every key head serves `heads / kvHeads` query heads in a row. `[1, tokens, kvHeads * d]` to `[1, tokens, heads * d]` */
  const repeated = (value: Value) => {
    if (heads === kvHeads) return value;
    const split = graph.op("Reshape", [value, graph.ints([-1, kvHeads, 1, headDim])]);
    const tiled = graph.op("Tile", [split, graph.ints([1, 1, heads / kvHeads, 1])]);
    return graph.op("Reshape", [tiled, graph.ints([1, -1, heads * headDim])]);
  };

  for (let i = range.from; i < range.to; i++) {
    const path = `model.layers.${i}`;
    const normed = rmsNorm(x, `${path}.input_layernorm`, hidden);
    const project = (name: string, count: number) =>
      linears.linear(`${path}.self_attn.${name}`, normed, hidden, count * headDim, { bias: false });
    const value = graph.op("Reshape", [project("v_proj", kvHeads), graph.ints([1, -1, kvHeads * headDim])]);
    const attended = graph.contrib(
      "MultiHeadAttention",
      [
        rotated(project("q_proj", heads), `${path}.self_attn.q_norm`, heads),
        repeated(rotated(project("k_proj", kvHeads), `${path}.self_attn.k_norm`, kvHeads)),
        repeated(value),
      ],
      { num_heads: heads, unidirectional: 1 },
    );
    const rows = graph.op("Reshape", [attended, graph.ints([-1, heads * headDim])]);
    x = graph.op("Add", [
      x,
      linears.linear(`${path}.self_attn.o_proj`, rows, heads * headDim, hidden, { bias: false }),
    ]);

    const inner = rmsNorm(x, `${path}.post_attention_layernorm`, hidden);
    const gate = linears.linear(`${path}.mlp.gate_proj`, inner, hidden, intermediate, { bias: false });
    const up = linears.linear(`${path}.mlp.up_proj`, inner, hidden, intermediate, { bias: false });
    const activated = graph.op("Mul", [graph.op("Mul", [gate, graph.op("Sigmoid", [gate])]), up]);
    x = graph.op("Add", [x, linears.linear(`${path}.mlp.down_proj`, activated, intermediate, hidden, { bias: false })]);
  }
  graph.output("hidden", x, "float32", ["tokens", hidden]);
  return { ...graph.build(), modules: linears.modules, tensors: [...weights.used] };
}
