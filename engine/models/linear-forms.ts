import type { GraphBuilder, Value } from "../onnx/graph-builder.ts";
import { elementTypes } from "../onnx/proto.ts";
import { derivedNames } from "../precision/derived-layout.ts";
import type { LinearForm } from "../precision/plan.ts";
import { hadamard, SPLIT_RATIO } from "../precision/quantise.ts";
import type { LinearModule } from "./linear-module.ts";
import type { Weights } from "./weights-of.ts";

/** Zero of unsigned activations: the runtime's fast kernels multiply u8 activations with s8 weights. */
const ZERO_POINT = 128;
const MAX_INT8 = 127;
/** Keeps the scale of an all-zero token from being zero. */
const SMALLEST_MAGNITUDE = 1e-30;
/** Integer activations in `MatMulNBits`. */
const INT8_ACCURACY = 4;

/** Per-token 8-bit activations `[rows, in]` and their scales `[rows, 1]`. */
interface QuantisedRows {
  readonly integers: Value;
  readonly scale: Value;
}

type IntegerForm = Extract<LinearForm, { kind: "rotated" | "split" }>;

/**
 * Emits x Wᵀ in the forms that are not plain float32. What layers with the same input share (rotation, quantisation) is
 * emitted once: q, k and v, and the two inner layers of a feed-forward.
 */
export class LinearForms {
  readonly #graph: GraphBuilder;
  readonly #weights: Weights;
  readonly #rows = new Map<string, QuantisedRows>();
  readonly #rotations = new Map<number, Value>();

  constructor(graph: GraphBuilder, weights: Weights) {
    this.#graph = graph;
    this.#weights = weights;
  }

  product(module: LinearModule, form: Exclude<LinearForm, { kind: "float" }>, x: Value): Value {
    switch (form.kind) {
      case "rotated":
        return this.#rotated(module, form, x);
      case "split":
        return this.#split(module, form, x);
      case "blocks":
        return this.#blocks(module, form, x);
      case "half":
        return this.#half(module, x);
    }
  }

  #rotated({ path, inFeatures, outFeatures }: LinearModule, form: IntegerForm, x: Value): Value {
    const names = derivedNames.rotated(path);
    const { integers, scale } = this.#quantised(x, form, inFeatures);
    const weight = this.#stored(names.weight, [inFeatures, outFeatures]);
    const product = this.#integerProduct(integers, weight, this.#stored(names.scales, [outFeatures]));
    return this.#graph.op("Mul", [product, scale]);
  }

  /** (high + low / 254) of both sides, without low times low: high and low inputs are stacked for one product. */
  #split({ path, inFeatures, outFeatures }: LinearModule, form: IntegerForm, x: Value): Value {
    const graph = this.#graph;
    const names = derivedNames.split(path);
    const { integers, scale } = this.#quantised(x, form, inFeatures);
    const [high] = graph.ops("Split", [integers], 2, { axis: 0, num_outputs: 2 });
    const scales = this.#stored(names.scales, [outFeatures]);
    const both = this.#integerProduct(integers, this.#stored(names.high, [inFeatures, outFeatures]), scales);
    const [highHigh, lowHigh] = graph.ops("Split", [both], 2, { axis: 0, num_outputs: 2 });
    const highLow = this.#integerProduct(high!, this.#stored(names.low, [inFeatures, outFeatures]), scales);
    const fine = graph.op("Mul", [graph.op("Add", [lowHigh, highLow]), graph.scalar(1 / SPLIT_RATIO)]);
    return graph.op("Mul", [graph.op("Add", [highHigh, fine]), scale]);
  }

  #blocks(
    { path, inFeatures, outFeatures }: LinearModule,
    { bits, blockSize }: Extract<LinearForm, { kind: "blocks" }>,
    x: Value,
  ): Value {
    const names = derivedNames.blocks(path);
    const blocks = Math.ceil(inFeatures / blockSize);
    const weight = this.#stored(names.weight, [outFeatures, blocks, (blockSize * bits) / 8]);
    const scales = this.#stored(names.scales, [outFeatures * blocks]);
    return this.#graph.contrib("MatMulNBits", [x, weight, scales], {
      K: inFeatures,
      N: outFeatures,
      bits,
      block_size: blockSize,
      accuracy_level: INT8_ACCURACY,
    });
  }

  /**
   * The product in float16; inputs of layers that overflow it are made smaller before and the result larger after. The
   * reshapes change nothing: without them the runtime drops the roundings on processors that have no half precision.
   */
  #half({ path, inFeatures, outFeatures }: LinearModule, x: Value): Value {
    const graph = this.#graph;
    const factor = halfScale(path);
    const times = (value: Value, by: number) => (by === 1 ? value : graph.op("Mul", [value, graph.scalar(by)]));
    const half = (value: Value) => graph.op("Cast", [value], { to: elementTypes.float16 });
    const rows = (value: Value, width: number) => graph.op("Reshape", [value, graph.ints([-1, width])]);
    const weight = half(graph.weight(this.#weights.get(`${path}.weight`, [outFeatures, inFeatures])));
    const product = graph.op("MatMul", [
      rows(half(times(x, factor)), inFeatures),
      graph.op("Transpose", [weight], { perm: [1, 0] }),
    ]);
    return times(graph.op("Cast", [rows(product, outFeatures)], { to: elementTypes.float32 }), 1 / factor);
  }

  #quantised(x: Value, form: IntegerForm, inFeatures: number): QuantisedRows {
    const key = `${form.kind}/${x}`;
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const rows = form.kind === "rotated" ? this.#rotate(x, form.rotation, inFeatures) : x;
    const quantised = this.#quantise(rows, form.kind === "split");
    this.#rows.set(key, quantised);
    return quantised;
  }

  #rotate(x: Value, size: number, inFeatures: number): Value {
    const graph = this.#graph;
    const blocks = graph.op("Reshape", [x, graph.ints([-1, size])]);
    const rotation = this.#rotations.get(size) ?? graph.floats(hadamard(size), [size, size]);
    this.#rotations.set(size, rotation);
    const rotated = graph.op("MatMul", [blocks, rotation]);
    return graph.op("Reshape", [rotated, graph.ints([-1, inFeatures])]);
  }

  /** With `split`, the second term is stacked below the first: `[2 rows, in]`. */
  #quantise(x: Value, split: boolean): QuantisedRows {
    const graph = this.#graph;
    const extreme = (reduction: "ReduceMax" | "ReduceMin") =>
      graph.op(reduction, [x, graph.ints([1])], { keepdims: 1 });
    // Both ends are read in less time than magnitudes are written.
    const largest = graph.op("Max", [
      extreme("ReduceMax"),
      graph.op("Neg", [extreme("ReduceMin")]),
      graph.scalar(SMALLEST_MAGNITUDE),
    ]);
    const scale = graph.op("Mul", [largest, graph.scalar(1 / MAX_INT8)]);
    if (!split) {
      const scales = graph.op("Reshape", [scale, graph.ints([-1])]);
      const zeroPoints = graph.op("Expand", [graph.byte(ZERO_POINT), graph.op("Shape", [scales])]);
      return { integers: graph.op("QuantizeLinear", [x, scales, zeroPoints], { axis: 0 }), scale };
    }
    const scaled = graph.op("Div", [x, scale]);
    const toBytes = (value: Value) => graph.op("QuantizeLinear", [value, graph.scalar(1), graph.byte(ZERO_POINT)]);
    const high = toBytes(scaled);
    const whole = graph.op("DequantizeLinear", [high, graph.scalar(1), graph.byte(ZERO_POINT)]);
    const rest = graph.op("Mul", [graph.op("Sub", [scaled, whole]), graph.scalar(SPLIT_RATIO)]);
    return { integers: graph.op("Concat", [high, toBytes(rest)], { axis: 0 }), scale };
  }

  #integerProduct(integers: Value, weight: Value, scales: Value): Value {
    const graph = this.#graph;
    return graph.contrib("MatMulIntegerToFloat", [integers, weight, graph.scalar(1), scales, graph.byte(ZERO_POINT)]);
  }

  #stored(name: string, shape: readonly number[]): Value {
    return this.#graph.stored(this.#weights.get(name, shape));
  }
}

/** Where Z-Image's activations pass 65504: values, the output projection of attention and the feed-forward's last layer. */
function halfScale(path: string): number {
  if (/\.(to_v|w2|v_proj|down_proj)$/.test(path)) return 1 / 128;
  if (/\.(to_out\.0|o_proj)$/.test(path)) return 1 / 16;
  return 1;
}
