import { type BuiltModel, GraphBuilder, type Value } from "../../onnx/graph-builder.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { Weights } from "../weights-of.ts";
import type { AutoencoderConfig } from "./config.ts";

const NORM_EPS = 1e-6;

/** A picture-shaped value with its channels and how many times its sides were halved or doubled. */
interface Plane {
  readonly value: Value;
  readonly channels: number;
}

/**
 * Graphs of the Flux autoencoder (`AutoencoderKL`; reference: diffusers models/autoencoders). Convolutions in NCHW with
 * free height and width. GroupNorm is emitted as InstanceNormalization over `[1, groups, -1]`, which every execution
 * provider has.
 */
class Emitter {
  readonly graph: GraphBuilder;
  readonly config: AutoencoderConfig;
  readonly #weights: Weights;

  constructor(name: string, set: WeightSet, config: AutoencoderConfig) {
    this.graph = new GraphBuilder(name);
    this.#weights = new Weights(set);
    this.config = config;
  }

  conv(
    path: string,
    x: Plane,
    channels: number,
    options: { kernel: 1 | 3; stride?: number; pads?: readonly [number, number, number, number] } = { kernel: 3 },
  ): Plane {
    const { kernel, stride = 1 } = options;
    const side = (kernel - 1) / 2;
    const pads = options.pads ?? [side, side, side, side];
    const weight = this.graph.weight(this.#weights.get(`${path}.weight`, [channels, x.channels, kernel, kernel]));
    const bias = this.graph.weight(this.#weights.get(`${path}.bias`, [channels]));
    const value = this.graph.op("Conv", [x.value, weight, bias], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads,
    });
    return { value, channels };
  }

  groupNorm(path: string, x: Plane): Plane {
    const { graph } = this;
    const { groups } = this.config;
    const shape = graph.op("Shape", [x.value]);
    const grouped = graph.op("Reshape", [x.value, graph.ints([1, groups, -1])]);
    const normed = graph.op(
      "InstanceNormalization",
      [
        grouped,
        graph.floats(new Float32Array(groups).fill(1), [groups]),
        graph.floats(new Float32Array(groups), [groups]),
      ],
      { epsilon: { float: NORM_EPS } },
    );
    const back = graph.op("Reshape", [normed, shape]);
    const perChannel = (name: string) =>
      graph.op("Reshape", [
        graph.weight(this.#weights.get(`${path}.${name}`, [x.channels])),
        graph.ints([1, x.channels, 1, 1]),
      ]);
    const value = graph.op("Add", [graph.op("Mul", [back, perChannel("weight")]), perChannel("bias")]);
    return { value, channels: x.channels };
  }

  silu(x: Plane): Plane {
    return { ...x, value: this.graph.op("Mul", [x.value, this.graph.op("Sigmoid", [x.value])]) };
  }

  resnet(path: string, x: Plane, channels: number): Plane {
    let y = this.conv(`${path}.conv1`, this.silu(this.groupNorm(`${path}.norm1`, x)), channels);
    y = this.conv(`${path}.conv2`, this.silu(this.groupNorm(`${path}.norm2`, y)), channels);
    const shortcut = x.channels === channels ? x : this.conv(`${path}.conv_shortcut`, x, channels, { kernel: 1 });
    return { value: this.graph.op("Add", [shortcut.value, y.value]), channels };
  }

  /** One attention head over all pixels. */
  attention(path: string, x: Plane): Plane {
    const { graph } = this;
    const { channels } = x;
    const shape = graph.op("Shape", [x.value]);
    const normed = this.groupNorm(`${path}.group_norm`, x);
    const flat = graph.op("Reshape", [normed.value, graph.ints([channels, -1])]);
    const tokens = graph.op("Transpose", [flat], { perm: [1, 0] });
    const linear = (name: string, value: Value) =>
      graph.op(
        "Gemm",
        [
          value,
          graph.weight(this.#weights.get(`${path}.${name}.weight`, [channels, channels])),
          graph.weight(this.#weights.get(`${path}.${name}.bias`, [channels])),
        ],
        { transB: 1 },
      );
    const batched = (value: Value) => graph.op("Reshape", [value, graph.ints([1, -1, channels])]);
    const attended = graph.contrib(
      "MultiHeadAttention",
      [batched(linear("to_q", tokens)), batched(linear("to_k", tokens)), batched(linear("to_v", tokens))],
      { num_heads: 1 },
    );
    const out = linear("to_out.0", graph.op("Reshape", [attended, graph.ints([-1, channels])]));
    const planes = graph.op("Reshape", [graph.op("Transpose", [out], { perm: [1, 0] }), shape]);
    return { value: graph.op("Add", [x.value, planes]), channels };
  }

  midBlock(path: string, x: Plane): Plane {
    let y = this.resnet(`${path}.resnets.0`, x, x.channels);
    if (this.config.midAttention) y = this.attention(`${path}.attentions.0`, y);
    return this.resnet(`${path}.resnets.1`, y, x.channels);
  }

  upsample(path: string, x: Plane): Plane {
    const value = this.graph.op("Resize", [x.value, undefined, this.graph.floats([1, 1, 2, 2], [4])], {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    });
    return this.conv(`${path}.conv`, { ...x, value }, x.channels);
  }
}

/** Input `z` `[1, latent channels, h, w]` (already divided by scale and shifted); output `image` `[1, 3, 8h, 8w]`. */
export function decoderGraph(set: WeightSet, config: AutoencoderConfig): BuiltModel {
  const emitter = new Emitter("autoencoder decoder", set, config);
  const { graph } = emitter;
  const channels = [...config.blockChannels].reverse();
  const z = graph.input("z", "float32", [1, config.latentChannels, "height", "width"]);
  let x = emitter.conv("decoder.conv_in", { value: z, channels: config.latentChannels }, channels[0]!);
  x = emitter.midBlock("decoder.mid_block", x);
  channels.forEach((size, block) => {
    const path = `decoder.up_blocks.${block}`;
    for (let i = 0; i <= config.layersPerBlock; i++) x = emitter.resnet(`${path}.resnets.${i}`, x, size);
    if (block < channels.length - 1) x = emitter.upsample(`${path}.upsamplers.0`, x);
  });
  x = emitter.silu(emitter.groupNorm("decoder.conv_norm_out", x));
  x = emitter.conv("decoder.conv_out", x, config.imageChannels);
  graph.output("image", x.value, "float32", [1, config.imageChannels, "image height", "image width"]);
  return graph.build();
}

/** Input `image` `[1, 3, H, W]` in [-1, 1]; output `moments` `[1, 2 * latent channels, H/8, W/8]`: mean, then log variance. */
export function encoderGraph(set: WeightSet, config: AutoencoderConfig): BuiltModel {
  const emitter = new Emitter("autoencoder encoder", set, config);
  const { graph } = emitter;
  const image = graph.input("image", "float32", [1, config.imageChannels, "image height", "image width"]);
  let x = emitter.conv("encoder.conv_in", { value: image, channels: config.imageChannels }, config.blockChannels[0]!);
  config.blockChannels.forEach((size, block) => {
    const path = `encoder.down_blocks.${block}`;
    for (let i = 0; i < config.layersPerBlock; i++) x = emitter.resnet(`${path}.resnets.${i}`, x, size);
    if (block < config.blockChannels.length - 1) {
      // The reference pads right and bottom only.
      x = emitter.conv(`${path}.downsamplers.0.conv`, x, size, { kernel: 3, stride: 2, pads: [0, 0, 1, 1] });
    }
  });
  x = emitter.midBlock("encoder.mid_block", x);
  x = emitter.silu(emitter.groupNorm("encoder.conv_norm_out", x));
  x = emitter.conv("encoder.conv_out", x, 2 * config.latentChannels);
  graph.output("moments", x.value, "float32", [1, 2 * config.latentChannels, "height", "width"]);
  return graph.build();
}
