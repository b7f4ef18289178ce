import { GraphBuilder, type Value } from "../../onnx/graph-builder.ts";
import type { PrecisionPlan } from "../../precision/plan.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { LinearEmitter } from "../linear.ts";
import { Weights } from "../weights-of.ts";
import type { Qwen3Config } from "./config.ts";
import { emitLayers, type Qwen3Graph, rmsNorm } from "./graph.ts";

/**
 * Qwen3's decoder layers `from` to `to` with a cache of keys and values, so that a token costs one row however much text
 * stands before it. Besides the inputs of the layers:
 *
 * - `mask` `[tokens, past + tokens]`: 0 where a token may look, a large negative number where not;
 * - `past_key.<layer>`, `past_value.<layer>` `[kvHeads, past, headDim]`.
 *
 * Outputs: `hidden` `[tokens, hidden]`, and `key.<layer>`, `value.<layer>` `[kvHeads, past + tokens, headDim]`.
 */
export function cachedLayersGraph(
  set: WeightSet,
  config: Qwen3Config,
  range: { from: number; to: number },
  plan: PrecisionPlan,
): Qwen3Graph {
  const graph = new GraphBuilder(`qwen3 layers ${range.from} to ${range.to} with cache`);
  const { heads, kvHeads, headDim } = config;
  const group = heads / kvHeads;
  const mask = graph.input("mask", "float32", ["tokens", "total"]);
  const scale = graph.scalar(1 / Math.sqrt(headDim));

  /** `[1, tokens, kvHeads * headDim]`, behind what is in the cache: `[kvHeads, total, headDim]` */
  const withPast = (name: string, layer: number, value: Value) => {
    const past = graph.input(`past_${name}.${layer}`, "float32", [kvHeads, "past", headDim]);
    const perHead = graph.op("Reshape", [value, graph.ints([-1, kvHeads, headDim])]);
    const all = graph.op("Concat", [past, graph.op("Transpose", [perHead], { perm: [1, 0, 2] })], { axis: 1 });
    graph.output(`${name}.${layer}`, all, "float32", [kvHeads, "total", headDim]);
    return graph.op("Unsqueeze", [all, graph.ints([1])]);
  };
  const { hidden, modules, tensors } = emitLayers(graph, set, config, range, plan, (layer, q, k, v) => {
    // Every key head serves `group` query heads in a row.
    const grouped = graph.op("Reshape", [q, graph.ints([-1, kvHeads, group, headDim])]);
    const queries = graph.op("Transpose", [grouped], { perm: [1, 2, 0, 3] });
    const keys = graph.op("Transpose", [withPast("key", layer, k)], { perm: [0, 1, 3, 2] });
    const scores = graph.op("Add", [graph.op("Mul", [graph.op("MatMul", [queries, keys]), scale]), mask]);
    const shares = graph.op("Softmax", [scores], { axis: -1 });
    return graph.op("Transpose", [graph.op("MatMul", [shares, withPast("value", layer, v)])], { perm: [2, 0, 1, 3] });
  });
  graph.output("hidden", hidden, "float32", ["tokens", config.hidden]);
  return { ...graph.build(), modules, tensors };
}

/** The final norm and the output layer: `hidden` `[rows, hidden]` to `logits` `[rows, vocabulary]`. */
export function headGraph(set: WeightSet, config: Qwen3Config, headPath: string, plan: PrecisionPlan): Qwen3Graph {
  const graph = new GraphBuilder("qwen3 head");
  const weights = new Weights(set);
  const { hidden, vocabulary } = config;
  const normed = rmsNorm(
    graph,
    weights,
    config,
    graph.input("hidden", "float32", ["rows", hidden]),
    "model.norm",
    hidden,
  );
  const linears = new LinearEmitter(graph, weights, plan);
  const logits = linears.linear(headPath, normed, hidden, vocabulary, { bias: false });
  graph.output("logits", logits, "float32", ["rows", vocabulary]);
  return { ...graph.build(), modules: linears.modules, tensors: [...weights.used] };
}
