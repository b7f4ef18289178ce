import type { GraphBuilder, Value } from "../onnx/graph-builder.ts";
import { elementTypes } from "../onnx/proto.ts";

const ZERO_POINT = 128;
const MAX_INT8 = 127;
const MAX_UINT8 = 255;
const SMALLEST_MAGNITUDE = 1e-30;

export interface AttentionShape {
  readonly heads: number;
  readonly headDim: number;
}

/**
 * Attention with both products in 8 bits: q, k and v `[tokens, heads * headDim]`, normed and rotated, to the same shape.
 * q has a scale for each head, k one for each token, v one for each channel, all of which the integer products multiply
 * back without a pass of its own. Powers are divided by their sum after the second product, not before it: so each row's
 * largest is 1, and one scale does for all. Only scores of one head are in memory at a time.
 */
export function integerAttention(
  graph: GraphBuilder,
  { q, k, v }: { q: Value; k: Value; v: Value },
  { heads, headDim }: AttentionShape,
): Value {
  const perHead = (value: Value) => graph.op("Reshape", [value, graph.ints([-1, heads, headDim])]);
  /** Of the largest values along `axes`. */
  const scaleOf = (value: Value, axes: readonly number[]) => {
    const largest = graph.op("ReduceMax", [graph.op("Abs", [value]), graph.ints(axes)], { keepdims: 1 });
    return graph.op("Mul", [graph.op("Max", [largest, graph.scalar(SMALLEST_MAGNITUDE)]), graph.scalar(1 / MAX_INT8)]);
  };
  const zero = graph.op("Cast", [graph.scalar(0)], { to: elementTypes.int8 });
  const bytes = (value: Value, scale: Value, zeroPoint: Value, perm: readonly number[]) => {
    const scaled = graph.op("QuantizeLinear", [graph.op("Div", [value, scale]), graph.scalar(1), zeroPoint]);
    return eachHead(graph.op("Transpose", [scaled], { perm }));
  };
  const eachHead = (value: Value) => graph.ops("Split", [value], heads, { axis: 0, num_outputs: heads });
  const [queries, keys, values] = [perHead(q), perHead(k), perHead(v)];
  const [scaleQ, scaleK, scaleV] = [scaleOf(queries, [0, 2]), scaleOf(keys, [2]), scaleOf(values, [0])];
  const unsigned = graph.byte(ZERO_POINT);
  const queryBytes = bytes(queries, scaleQ, unsigned, [1, 0, 2]);
  const keyBytes = bytes(keys, scaleK, zero, [1, 2, 0]);
  const valueBytes = bytes(values, scaleV, zero, [1, 0, 2]);
  // Of scores: [heads, 1, tokens]. Of what is attended to: [heads, 1, headDim].
  const both = graph.op("Mul", [graph.op("Mul", [scaleQ, graph.scalar(1 / Math.sqrt(headDim))]), scaleK]);
  const scoreScales = eachHead(graph.op("Transpose", [both], { perm: [1, 2, 0] }));
  const shareScale = graph.op("Mul", [scaleV, graph.scalar(1 / MAX_UINT8)]);
  const valueScales = eachHead(graph.op("Transpose", [shareScale], { perm: [1, 0, 2] }));
  const one = graph.scalar(1);
  const attended = queryBytes.map((query, i) => {
    const scores = graph.contrib("MatMulIntegerToFloat", [query, keyBytes[i]!, one, scoreScales[i]!, unsigned]);
    const powers = graph.op("Exp", [
      graph.op("Sub", [scores, graph.op("ReduceMax", [scores, graph.ints([2])], { keepdims: 1 })]),
    ]);
    const sum = graph.op("ReduceSum", [powers, graph.ints([2])], { keepdims: 1 });
    const shares = graph.op("QuantizeLinear", [powers, graph.scalar(1 / MAX_UINT8), graph.byte(0)]);
    const product = graph.contrib("MatMulIntegerToFloat", [
      shares,
      valueBytes[i]!,
      one,
      valueScales[i]!,
      graph.byte(0),
    ]);
    return graph.op("Div", [product, sum]);
  });
  const together = graph.op("Transpose", [graph.op("Concat", attended, { axis: 0 })], { perm: [1, 0, 2] });
  return graph.op("Reshape", [together, graph.ints([-1, heads * headDim])]);
}
