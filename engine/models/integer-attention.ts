import type { GraphBuilder, Value } from "../onnx/graph-builder.ts";
import { cutIntoParts, partsOf } from "./row-parts.ts";

const ZERO_POINT = 128;
const MAX_INT8 = 127;
const MAX_UINT8 = 255;
const SMALLEST_MAGNITUDE = 1e-30;

export interface AttentionShape {
  readonly heads: number;
  readonly headDim: number;
}

/**
 * Attention with both products in 8 bits: q, k and v `[tokens, heads * headDim]`, normed and rotated, to the same shape;
 * `tokens` is a multiple of 32, or below 384.
 *
 * q has a scale for each head, k one for each token, v one for each channel, all of which the integer products multiply
 * back without a pass of its own. Powers are divided by their sum after the second product, not before it: so each row's
 * largest is 1, and one scale does for all. Loops over heads and over parts of their rows bound the memory, and keep the
 * graph small, which sessions are created from.
 *
 * @param parts into which the rows of a head are cut
 */
export function integerAttention(
  graph: GraphBuilder,
  { q, k, v }: { q: Value; k: Value; v: Value },
  { heads, headDim }: AttentionShape,
  parts = partsOf(graph, q),
): Value {
  // The runtime takes sizes of the same name for equal, wherever they are: blocks over other tokens need others.
  const [tokens, rows] = [`tokens of ${q}`, `rows of ${q}`];
  /** Of the largest values along `axes`. */
  const scaleOf = (value: Value, axes: readonly number[]) => {
    const largest = graph.op("ReduceMax", [graph.op("Abs", [value]), graph.ints(axes)], { keepdims: 1 });
    return graph.op("Mul", [graph.op("Max", [largest, graph.scalar(SMALLEST_MAGNITUDE)]), graph.scalar(1 / MAX_INT8)]);
  };
  const bytes = (value: Value, scale: Value, zeroPoint: Value, perm: readonly number[]) => {
    const scaled = graph.op("QuantizeLinear", [graph.op("Div", [value, scale]), graph.scalar(1), zeroPoint]);
    return graph.op("Transpose", [scaled], { perm });
  };
  const perHead = (value: Value) => graph.op("Reshape", [value, graph.ints([-1, heads, headDim])]);
  const [queries, keys, values] = [perHead(q), perHead(k), perHead(v)];
  const [scaleQ, scaleK, scaleV] = [scaleOf(queries, [0, 2]), scaleOf(keys, [2]), scaleOf(values, [0])];
  const [one, unsigned, signed] = [graph.scalar(1), graph.byte(ZERO_POINT), graph.signedByte(0)];
  const both = graph.op("Mul", [graph.op("Mul", [scaleQ, graph.scalar(1 / Math.sqrt(headDim))]), scaleK]);
  const shareScale = graph.op("Mul", [scaleV, graph.scalar(1 / MAX_UINT8)]);

  const ofPart = (part: Value, { key, scoreScale, value, valueScale }: Record<string, Value>) => {
    const scores = graph.contrib("MatMulIntegerToFloat", [part, key, one, scoreScale, unsigned]);
    const largest = graph.op("ReduceMax", [scores, graph.ints([1])], { keepdims: 1 });
    const powers = graph.op("Exp", [graph.op("Sub", [scores, largest])]);
    const sum = graph.op("ReduceSum", [powers, graph.ints([1])], { keepdims: 1 });
    const shares = graph.op("QuantizeLinear", [powers, graph.scalar(1 / MAX_UINT8), graph.byte(0)]);
    const product = graph.contrib("MatMulIntegerToFloat", [shares, value, one, valueScale, graph.byte(0)]);
    return graph.op("Div", [product, sum]);
  };
  const ofHead = (query: Value, key: Value, scoreScale: Value, value: Value, valueScale: Value) => {
    const vector = (scales: Value) => graph.op("Reshape", [scales, graph.ints([-1])]);
    const scales = { scoreScale: vector(scoreScale), valueScale: vector(valueScale) };
    const queries = cutIntoParts(graph, query, parts, [headDim]);
    const body = graph.subgraph("part", [rows, headDim], (part) => ofPart(part!, { key, value, ...scales }), [
      { type: "uint8", shape: [rows, headDim] },
    ]);
    const attended = graph.op("Scan", [queries], { body: { graph: body }, num_scan_inputs: 1 });
    return graph.op("Reshape", [attended, graph.ints([-1, headDim])]);
  };
  const body = graph.subgraph(
    "head",
    [tokens, headDim],
    (...inputs) => ofHead(...(inputs as [Value, Value, Value, Value, Value])),
    [
      { type: "uint8", shape: [tokens, headDim] },
      { type: "int8", shape: [headDim, tokens] },
      { type: "float32", shape: [1, tokens] },
      { type: "int8", shape: [tokens, headDim] },
      { type: "float32", shape: [1, headDim] },
    ],
  );
  const attended = graph.op(
    "Scan",
    [
      bytes(queries, scaleQ, unsigned, [1, 0, 2]),
      bytes(keys, scaleK, signed, [1, 2, 0]),
      graph.op("Transpose", [both], { perm: [1, 2, 0] }),
      bytes(values, scaleV, signed, [1, 0, 2]),
      graph.op("Transpose", [shareScale], { perm: [1, 0, 2] }),
    ],
    { body: { graph: body }, num_scan_inputs: 5 },
  );
  return graph.op("Reshape", [
    graph.op("Transpose", [attended], { perm: [1, 0, 2] }),
    graph.ints([-1, heads * headDim]),
  ]);
}
