import type { GraphBuilder, Value } from "../onnx/graph-builder.ts";
import type { ElementType } from "../onnx/proto.ts";

/** Fewest rows of a part: from twice as many on, rows are cut. */
const LEAST_ROWS = 192;
const MOST_PARTS = 32;

/** For each whole number of times that {@link LEAST_ROWS} fits: the largest power of two that is not above it, at least 1. */
const partsTable = Array.from({ length: MOST_PARTS + 1 }, (_, times) => 2 ** Math.floor(Math.log2(Math.max(1, times))));

/**
 * Into how many parts of equal size rows are to be cut: 1 below 384 rows, else a power of two that leaves 192 to 383 in each,
 * at most 32. `[1]`, int64. So few that what is computed of them stays in the processor's cache; so many that weights are
 * not read for too little.
 *
 * @param rows `[rows, ...]`; their number is a multiple of 32, or below 384
 */
export function partsOf(graph: GraphBuilder, rows: Value): Value {
  const times = graph.op("Div", [graph.op("Shape", [rows], { start: 0, end: 1 }), graph.ints([LEAST_ROWS])]);
  return graph.op("Gather", [graph.ints(partsTable), graph.op("Min", [times, graph.ints([MOST_PARTS])])]);
}

/** `[rows, ...rest]` to `[parts, rows / parts, ...rest]`. */
export function cutIntoParts(graph: GraphBuilder, value: Value, parts: Value, rest: readonly number[]): Value {
  const shape = graph.op("Concat", [parts, graph.ints([-1, ...rest])], { axis: 0 });
  return graph.op("Reshape", [value, shape]);
}

/** What has a value for each row: `[rows, width]`, or `[rows]` without a width. */
interface RowValue {
  readonly value: Value;
  readonly type?: ElementType;
  readonly width?: number;
}

/**
 * What `emit` makes of each part, put together again: outputs `[rows, width]`. It must compute every row from that row of
 * the inputs alone, and from values of the graph around it.
 *
 * @param width of every output
 */
export function inParts(
  graph: GraphBuilder,
  parts: Value,
  inputs: readonly RowValue[],
  width: number,
  emit: (...part: Value[]) => readonly Value[],
): Value[] {
  // The runtime takes sizes of the same name for equal, wherever they are.
  const rows = `rows of a part of ${inputs[0]!.value}`;
  const rest = (input: RowValue) => (input.width === undefined ? [] : [input.width]);
  let count = 0;
  const body = graph.subgraph(
    "part",
    [rows, width],
    (...part) => {
      const outputs = emit(...part);
      count = outputs.length;
      return outputs;
    },
    inputs.map((input) => ({ type: input.type ?? "float32", shape: [rows, ...rest(input)] })),
  );
  const cut = inputs.map((input) => cutIntoParts(graph, input.value, parts, rest(input)));
  const outputs = graph.ops("Scan", cut, count, { body: { graph: body }, num_scan_inputs: inputs.length });
  return outputs.map((output) => graph.op("Reshape", [output, graph.ints([-1, width])]));
}
