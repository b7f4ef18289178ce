import { Weights } from "../models/weights-of.ts";
import { type BuiltModel, GraphBuilder, type Value } from "../onnx/graph-builder.ts";
import { reshaped } from "../weights/tensor.ts";
import type { UpscalerArchitecture } from "./architecture.ts";

const RGB = 3;
const LEAKY_SLOPE = 0.2;
/** How much of a block is added to what goes in. */
const RESIDUAL_SCALE = 0.2;
const DENSE_CONVOLUTIONS = 5;

/** `pixels` [1, 3 unshuffle^2, height / unshuffle, width / unshuffle], 0 to 1, to `upscaled` [1, 3, scale height, scale width]. */
export function buildUpscaler(net: UpscalerArchitecture): BuiltModel {
  const emitter = new UpscalerEmitter(net);
  const { graph } = emitter;
  const input = graph.input("pixels", "float32", [1, RGB * net.unshuffle ** 2, "height", "width"]);
  const result = net.kind === "rrdb" ? emitter.rrdb(net, input) : emitter.compact(net, input);
  graph.output("upscaled", result, "float32", [1, RGB, "upscaled_height", "upscaled_width"]);
  return graph.build();
}

class UpscalerEmitter {
  readonly graph = new GraphBuilder("upscaler");
  readonly #weights: Weights;

  constructor({ weights }: UpscalerArchitecture) {
    this.#weights = new Weights(weights);
  }

  rrdb(net: Extract<UpscalerArchitecture, { kind: "rrdb" }>, input: Value): Value {
    const { features, blocks, doublings, unshuffle } = net;
    const first = this.#convolve("conv_first", input, RGB * unshuffle ** 2, features);
    let x = first;
    for (let block = 0; block < blocks; block++) {
      let inner = x;
      for (let rdb = 1; rdb <= 3; rdb++) inner = this.#denseBlock(`body.${block}.rdb${rdb}`, inner, net);
      x = this.#addScaled(x, inner);
    }
    x = this.graph.op("Add", [first, this.#convolve("conv_body", x, features, features)]);
    for (let i = 1; i <= doublings; i++) {
      x = this.#leaky(this.#convolve(`conv_up${i}`, this.#enlarge(x, 2), features, features));
    }
    x = this.#leaky(this.#convolve("conv_hr", x, features, features));
    return this.#convolve("conv_last", x, features, RGB);
  }

  compact(net: Extract<UpscalerArchitecture, { kind: "compact" }>, input: Value): Value {
    const { features, convolutions, scale } = net;
    let x = input;
    for (let i = 0; i < convolutions - 1; i++) {
      x = this.#convolve(`body.${2 * i}`, x, i === 0 ? RGB : features, features);
      const slope = reshaped(this.#weights.get(`body.${2 * i + 1}.weight`, [features]), [features, 1, 1]);
      x = this.graph.op("PRelu", [x, this.graph.weight(slope)]);
    }
    x = this.#convolve(`body.${2 * (convolutions - 1)}`, x, features, RGB * scale ** 2);
    const detail = this.graph.op("DepthToSpace", [x], { blocksize: scale, mode: "CRD" });
    return this.graph.op("Add", [detail, this.#enlarge(input, scale)]);
  }

  /** Five convolutions, each of which sees what all before it gave. */
  #denseBlock(name: string, x: Value, { features, growth }: { features: number; growth: number }): Value {
    const seen = [x];
    let last = x;
    for (let i = 1; i <= DENSE_CONVOLUTIONS; i++) {
      const channels = features + (i - 1) * growth;
      const joined = seen.length === 1 ? x : this.graph.op("Concat", seen, { axis: 1 });
      const isLast = i === DENSE_CONVOLUTIONS;
      const convolved = this.#convolve(`${name}.conv${i}`, joined, channels, isLast ? features : growth);
      last = isLast ? convolved : this.#leaky(convolved);
      seen.push(last);
    }
    return this.#addScaled(x, last);
  }

  #addScaled(x: Value, change: Value): Value {
    return this.graph.op("Add", [x, this.graph.op("Mul", [change, this.graph.scalar(RESIDUAL_SCALE)])]);
  }

  #leaky(x: Value): Value {
    return this.graph.op("LeakyRelu", [x], { alpha: { float: LEAKY_SLOPE } });
  }

  /** 3 x 3, zeros around the edges. */
  #convolve(name: string, x: Value, from: number, to: number): Value {
    const weight = this.graph.weight(this.#weights.get(`${name}.weight`, [to, from, 3, 3]));
    const bias = this.graph.weight(this.#weights.get(`${name}.bias`, [to]));
    return this.graph.op("Conv", [x, weight, bias], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  }

  /** Every pixel becomes `factor` x `factor` of it. */
  #enlarge(x: Value, factor: number): Value {
    return this.graph.op("Resize", [x, undefined, this.graph.floats([1, 1, factor, factor], [4])], {
      mode: "nearest",
      nearest_mode: "floor",
      coordinate_transformation_mode: "asymmetric",
    });
  }
}
