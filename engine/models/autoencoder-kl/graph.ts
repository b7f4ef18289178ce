import { type BuiltModel, GraphBuilder, type Value } from "../../onnx/graph-builder.ts";
import { elementTypes } from "../../onnx/proto.ts";
import type { SeamlessTiling } from "../../types.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { Weights } from "../weights-of.ts";
import type { AutoencoderConfig } from "./config.ts";

const NORM_EPS = 1e-6;

/**
 * Input of graphs with attention. Computing the shape in the graph would be a node for the CPU among those on a graphics
 * processor.
 */
export const ATTENDED_SHAPE = "attended_shape";

/** "To the end" for `Slice`. */
const END = 2 ** 31 - 1;

/**
 * How the decoder doubles the sides of a value and convolves the result:
 *
 * - `nearest`: as the reference does, every pixel four times, then 3 x 3.
 * - `subpixel`: the same, with 4 products instead of 9. Of the 3 x 3 pixels that an output pixel sees, only 2 x 2 are different;
 *   so each of the four output pixels of an input pixel is a 2 x 2 convolution over the input, with those weights added up that
 *   see the same pixel, and the four are put in their places (Shi et al. 2016, arXiv 1609.07009, section 2). Sums of weights
 *   are rounded once more, so results differ in float32's last digits (docs/accuracy.md).
 */
export type Upsampling = "nearest" | "subpixel";

/** What a graph depends on besides the weights. */
export interface GraphForms {
  /** The sides that continue on the opposite side. */
  readonly seamless?: SeamlessTiling | undefined;
  /** `subpixel` by default. */
  readonly upsampling?: Upsampling | undefined;
}

/** Of graphs for strips. */
export interface StripForms extends GraphForms {
  readonly storage: StripStorage;
}

/** A picture-shaped value with its channels and how many times its sides were halved or doubled. */
interface Plane {
  readonly value: Value;
  readonly channels: number;
}

/**
 * Graphs of the Flux autoencoder (`AutoencoderKL`; reference: diffusers models/autoencoders). Convolutions in NCHW with
 * free height and width. Where the picture's sides continue, convolutions see the other side instead of zeros; everything
 * else is the same at every place already. GroupNorm is emitted as InstanceNormalization over the rows of a group, which every execution
 * provider has.
 */
class Emitter {
  readonly graph: GraphBuilder;
  readonly config: AutoencoderConfig;
  readonly #weights: Weights;
  readonly #statistics: "own" | "given";
  readonly #seamless: SeamlessTiling | undefined;
  readonly #upsampling: Upsampling;

  constructor(
    name: string,
    set: WeightSet,
    config: AutoencoderConfig,
    { statistics = "own", seamless, upsampling = "subpixel" }: GraphForms & { statistics?: "own" | "given" } = {},
  ) {
    this.#seamless = seamless;
    this.#upsampling = upsampling;
    this.graph = new GraphBuilder(name);
    this.#weights = new Weights(set);
    this.config = config;
    this.#statistics = statistics;
  }

  conv(
    path: string,
    x: Plane,
    channels: number,
    options: { kernel: 1 | 3; stride?: number; pads?: readonly [number, number, number, number] } = { kernel: 3 },
  ): Plane {
    const { kernel, stride = 1 } = options;
    const side = (kernel - 1) / 2;
    const { value: input, pads } = this.#continued(x.value, options.pads ?? [side, side, side, side]);
    const weight = this.graph.weight(this.#weights.get(`${path}.weight`, [channels, x.channels, kernel, kernel]));
    const bias = this.graph.weight(this.#weights.get(`${path}.bias`, [channels]));
    const value = this.graph.op("Conv", [input, weight, bias], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads,
    });
    return { value, channels };
  }

  /** Where the picture's sides continue, its rows and columns from the other side; what is left to pad with zeros. */
  #continued(value: Value, pads: readonly [number, number, number, number]): { value: Value; pads: readonly number[] } {
    const [top, left, bottom, right] = pads;
    const along = (from: Value, axis: number, before: number, after: number) => {
      const { graph } = this;
      const slice = (start: number, end: number) =>
        graph.op("Slice", [from, graph.ints([start]), graph.ints([end]), graph.ints([axis])]);
      const parts = [...(before > 0 ? [slice(-before, END)] : []), from, ...(after > 0 ? [slice(0, after)] : [])];
      return parts.length === 1 ? from : graph.op("Concat", parts, { axis });
    };
    const { horizontal = false, vertical = false } = this.#seamless ?? {};
    const tall = vertical ? along(value, 2, top, bottom) : value;
    return {
      value: horizontal ? along(tall, 3, left, right) : tall,
      pads: [vertical ? 0 : top, horizontal ? 0 : left, vertical ? 0 : bottom, horizontal ? 0 : right],
    };
  }

  groupNorm(path: string, x: Plane): Plane {
    const { graph } = this;
    const perChannel = (name: string) =>
      graph.op("Reshape", [
        graph.weight(this.#weights.get(`${path}.${name}`, [x.channels])),
        graph.ints([1, x.channels, 1, 1]),
      ]);
    const times = (value: Value, scale: Value, shift: Value): Plane => ({
      value: graph.op("Add", [graph.op("Mul", [value, scale]), shift]),
      channels: x.channels,
    });
    if (this.#statistics === "given") {
      const { mean, deviation } = this.#givenStatistics(x.channels);
      const scale = graph.op("Div", [perChannel("weight"), deviation]);
      return times(x.value, scale, graph.op("Sub", [perChannel("bias"), graph.op("Mul", [mean, scale])]));
    }
    const { groups } = this.config;
    const ones = graph.floats(new Float32Array(groups).fill(1), [groups]);
    const zeros = graph.floats(new Float32Array(groups), [groups]);
    const normed = graph.op("InstanceNormalization", [this.#grouped(x), ones, zeros], { epsilon: { float: NORM_EPS } });
    const back = graph.op("Reshape", [normed, graph.ints([1, x.channels, -1, 0])]);
    return times(back, perChannel("weight"), perChannel("bias"));
  }

  /**
   * `[1, groups, rows of all channels, width]`. In `Reshape`, 0 keeps the input's size at that place: heights and widths
   * stay free without shape arithmetic.
   */
  #grouped(x: Plane): Value {
    return this.graph.op("Reshape", [x.value, this.graph.ints([1, this.config.groups, -1, 0])]);
  }

  /** Mean and standard deviation of every channel's group, `[1, channels, 1, 1]`, from the inputs `mean` and `variance`. */
  #givenStatistics(channels: number): { mean: Value; deviation: Value } {
    const { graph } = this;
    const { groups } = this.config;
    const shape = [1, groups, 1, 1];
    const mean = graph.input("mean", "float32", shape);
    const variance = graph.input("variance", "float32", shape);
    const deviation = graph.op("Sqrt", [graph.op("Add", [variance, graph.scalar(NORM_EPS)])]);
    const everyChannel = (value: Value) =>
      graph.op("Reshape", [
        graph.op("Expand", [value, graph.ints([1, groups, channels / groups, 1])]),
        graph.ints([1, channels, 1, 1]),
      ]);
    return { mean: everyChannel(mean), deviation: everyChannel(deviation) };
  }

  /** Outputs `mean` and `squares`, `[1, groups, 1, 1]`: what a later norm's statistics are put together from. */
  describe(x: Plane): void {
    const { graph } = this;
    const grouped = this.#grouped(x);
    const average = (value: Value) => graph.op("ReduceMean", [value, graph.ints([2, 3])], { keepdims: 1 });
    const shape = [1, this.config.groups, 1, 1];
    graph.output("mean of out", average(grouped), "float32", shape);
    graph.output("squares of out", average(graph.op("Mul", [grouped, grouped])), "float32", shape);
  }

  silu(x: Plane): Plane {
    return { ...x, value: this.graph.op("Mul", [x.value, this.graph.op("Sigmoid", [x.value])]) };
  }

  resnet(path: string, x: Plane, channels: number): Plane {
    let y = this.conv(`${path}.conv1`, this.silu(this.groupNorm(`${path}.norm1`, x)), channels);
    y = this.conv(`${path}.conv2`, this.silu(this.groupNorm(`${path}.norm2`, y)), channels);
    return { value: this.graph.op("Add", [this.shortcut(path, x, channels).value, y.value]), channels };
  }

  shortcut(path: string, x: Plane, channels: number): Plane {
    return x.channels === channels ? x : this.conv(`${path}.conv_shortcut`, x, channels, { kernel: 1 });
  }

  /** One attention head over all pixels, whose shape `[1, channels, h, w]` is the input {@link ATTENDED_SHAPE}. */
  attention(path: string, x: Plane): Plane {
    const { graph } = this;
    const { channels } = x;
    const shape = graph.input(ATTENDED_SHAPE, "int64", [4]);
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

  /** @param halo rows at the top and at the bottom of `x` that only its neighbours see */
  upsample(path: string, x: Plane, halo: 0 | 1 = 0): Plane {
    if (this.#upsampling === "subpixel") return this.#upsampledBySubpixels(`${path}.conv`, x, halo);
    const doubled = this.#doubled(x);
    if (halo === 0) return this.conv(`${path}.conv`, doubled, x.channels);
    return this.conv(`${path}.conv`, this.inner(doubled, halo), x.channels, { kernel: 3, pads: [0, 1, 0, 1] });
  }

  #upsampledBySubpixels(path: string, x: Plane, halo: 0 | 1): Plane {
    const { graph } = this;
    const { channels } = x;
    const bias = graph.weight(this.#weights.get(`${path}.bias`, [channels]));
    const kernels = this.#subpixelKernels(path, channels);
    const places = [0, 1].flatMap((down) => [0, 1].map((right) => ({ down, right })));
    const pixels = places.map(({ down, right }, place) => {
      // The upper of two output rows sees the input row above it, the lower one that below; so with columns.
      const rows = halo === 0 ? x.value : this.#rows(x.value, down, down - halo);
      const above = halo === 0 ? 1 - down : 0;
      const below = halo === 0 ? down : 0;
      const { value, pads } = this.#continued(rows, [above, 1 - right, below, right]);
      return graph.op("Conv", [value, kernels[place]!, bias], { kernel_shape: [2, 2], strides: [1, 1], pads });
    });
    const value = graph.op("DepthToSpace", [graph.op("Concat", pixels, { axis: 1 })], { blocksize: 2, mode: "DCR" });
    return { value, channels };
  }

  /** Kernels `[channels, channels, 2, 2]` of the upper left, upper right, lower left and lower right pixel. */
  #subpixelKernels(path: string, channels: number): Value[] {
    const { graph } = this;
    const weight = graph.weight(this.#weights.get(`${path}.weight`, [channels, channels, 3, 3]));
    const sums = new Float32Array(9 * 16);
    const each = (visit: (index: number) => void) => [0, 1, 2].forEach(visit);
    for (const place of [0, 1, 2, 3]) {
      each((y) => {
        each((x) => {
          const seen = 2 * ((y + 1 - (place >> 1)) >> 1) + ((x + 1 - (place & 1)) >> 1);
          sums[(3 * y + x) * 16 + place * 4 + seen] = 1;
        });
      });
    }
    // Of constants only: computed once, when the session is made.
    const flat = graph.op("Reshape", [weight, graph.ints([channels * channels, 9])]);
    const summed = graph.op("MatMul", [flat, graph.floats(sums, [9, 16])]);
    return [0, 1, 2, 3].map((place) => {
      const kernel = graph.op("Slice", [summed, graph.ints([4 * place]), graph.ints([4 * place + 4]), graph.ints([1])]);
      return graph.op("Reshape", [kernel, graph.ints([channels, channels, 2, 2])]);
    });
  }

  #doubled(x: Plane): Plane {
    const value = this.graph.op("Resize", [x.value, undefined, this.graph.floats([1, 1, 2, 2], [4])], {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    });
    return { ...x, value };
  }

  /** Without `count` rows at the top and at the bottom. */
  inner(x: Plane, count: number): Plane {
    return { ...x, value: this.#rows(x.value, count, -count) };
  }

  /** @param end counts from the last row where negative, and 0 is the end itself */
  #rows(value: Value, start: number, end: number): Value {
    const { graph } = this;
    return graph.op("Slice", [value, graph.ints([start]), graph.ints([end === 0 ? END : end]), graph.ints([2])]);
  }
}

/** Input `z` `[1, latent channels, h, w]` (already divided by scale and shifted); output `image` `[1, 3, 8h, 8w]`. */
export function decoderGraph(set: WeightSet, config: AutoencoderConfig, forms: GraphForms = {}): BuiltModel {
  const emitter = new Emitter("autoencoder decoder", set, config, forms);
  const z = emitter.graph.input("z", "float32", [1, config.latentChannels, "height", "width"]);
  return finishedDecoder(emitter, upBlocks(emitter, middle(emitter, z)));
}

/**
 * The decoder's part at the size of the latents, with its attention over all of them: `z` to `out`, up to the first
 * upsampling.
 */
export function decoderBaseGraph(
  set: WeightSet,
  config: AutoencoderConfig,
  { storage, ...forms }: StripForms,
): BuiltModel {
  const emitter = new Emitter("autoencoder decoder base", set, config, forms);
  const z = emitter.graph.input("z", "float32", [1, config.latentChannels, "height", "width"]);
  keep(emitter, upResnets(emitter, middle(emitter, z), 0), storage);
  return emitter.graph.build();
}

/** How values between strip graphs are kept: half precision halves the memory and is far finer than a picture. */
export type StripStorage = "float32" | "float16";

/**
 * One convolution, with what goes before it, over whole rows of the picture:
 *
 * - `input`: the encoder's first one, over the picture itself.
 * - `first`: norm, SiLU and the first convolution of a resnet; also its shortcut where channels change.
 * - `second`: norm, SiLU and the second convolution of a resnet, added to `residual`.
 * - `upsample`, `downsample`: sides are doubled, or halved.
 * - `image`: norm, SiLU and the decoder's last one.
 */
export interface StripStage {
  readonly kind: "input" | "first" | "second" | "upsample" | "downsample" | "image";
  readonly path: string;
  /** Channels before and after it. */
  readonly from: number;
  readonly to: number;
}

/** Rows that a stage's input has beyond those of its output, above and below, in rows of its input. */
export const haloOf = ({ kind }: StripStage): { above: number; below: number } => ({
  // The reference pads right and bottom only.
  above: kind === "downsample" ? 0 : HALO,
  below: HALO,
});

const HALO = 1;

/** The stages before {@link encoderEndGraph}, in order. */
export function encoderStages({ blockChannels, layersPerBlock, imageChannels }: AutoencoderConfig): StripStage[] {
  let from = blockChannels[0]!;
  const stages: StripStage[] = [{ kind: "input", path: "encoder.conv_in", from: imageChannels, to: from }];
  for (const [block, to] of blockChannels.slice(0, -1).entries()) {
    for (let i = 0; i < layersPerBlock; i++) {
      const path = `encoder.down_blocks.${block}.resnets.${i}`;
      stages.push({ kind: "first", path, from, to }, { kind: "second", path, from: to, to });
      from = to;
    }
    stages.push({ kind: "downsample", path: `encoder.down_blocks.${block}.downsamplers.0`, from: to, to });
  }
  return stages;
}

/** The stages after the decoder's base, in order. */
export function stripStages({ blockChannels, layersPerBlock, imageChannels }: AutoencoderConfig): StripStage[] {
  const stages: StripStage[] = [];
  let from = blockChannels.at(-1)!;
  for (let block = 1; block < blockChannels.length; block++) {
    const to = blockChannels.at(-1 - block)!;
    stages.push({ kind: "upsample", path: `decoder.up_blocks.${block - 1}.upsamplers.0`, from, to: from });
    for (let i = 0; i <= layersPerBlock; i++) {
      const path = `decoder.up_blocks.${block}.resnets.${i}`;
      stages.push({ kind: "first", path, from, to }, { kind: "second", path, from: to, to });
      from = to;
    }
  }
  return [...stages, { kind: "image", path: "decoder", from, to: imageChannels }];
}

/**
 * One stage over a strip: input `x` `[1, from, rows and halo, width]`, output `out` `[1, to, rows, width]` (twice or half as
 * many rows and columns where sides change). Norms take `mean` and `variance` `[1, groups, 1, 1]` of the whole picture;
 * `inside` `[1, 1, rows and halo, 1]` is 0 for rows beyond it.
 */
export function stripGraph(
  set: WeightSet,
  config: AutoencoderConfig,
  stage: StripStage,
  { storage, ...forms }: StripForms,
): BuiltModel {
  const { kind, path, from, to } = stage;
  const emitter = new Emitter(`autoencoder ${path} ${kind}`, set, config, { statistics: "given", ...forms });
  const { graph } = emitter;
  const kept = (name: string, channels: number) => stored(emitter, name, channels, storage);
  const x = kind === "input" ? stored(emitter, "x", from, "float32") : kept("x", from);
  const conv = (name: string, input: Plane) => emitter.conv(name, input, to, { kernel: 3, pads: [0, 1, 0, 1] });
  const activated = (norm: string): Plane => {
    const inside = graph.input("inside", "float32", [1, 1, "rows of x", 1]);
    const { value } = emitter.silu(emitter.groupNorm(norm, x));
    return { value: graph.op("Mul", [value, inside]), channels: from };
  };
  switch (kind) {
    case "input":
      keep(emitter, conv(path, x), storage);
      break;
    case "downsample":
      keep(emitter, emitter.conv(`${path}.conv`, x, to, { kernel: 3, stride: 2, pads: [0, 0, 0, 1] }), storage);
      break;
    case "upsample":
      keep(emitter, emitter.upsample(path, x, HALO), storage);
      break;
    case "first":
      keep(emitter, conv(`${path}.conv1`, activated(`${path}.norm1`)), storage);
      if (from !== to) output(emitter, "shortcut", emitter.shortcut(path, emitter.inner(x, HALO), to), storage);
      break;
    case "second": {
      const y = conv(`${path}.conv2`, activated(`${path}.norm2`));
      const value = graph.op("Add", [kept("residual", to).value, y.value]);
      keep(emitter, { value, channels: to }, storage);
      break;
    }
    case "image":
      output(emitter, "out", conv(`${path}.conv_out`, activated(`${path}.conv_norm_out`)), "float32");
  }
  return graph.build();
}

/** An input of a strip graph in float32, `[1, channels, rows, width]`. */
function stored({ graph }: Emitter, name: string, channels: number, storage: StripStorage): Plane {
  const value = graph.input(name, storage, [1, channels, `rows of ${name}`, "width"]);
  return { value: storage === "float16" ? graph.op("Cast", [value], { to: elementTypes.float32 }) : value, channels };
}

/** Output `out`, with what the next norm's statistics are put together from. */
function keep(emitter: Emitter, x: Plane, storage: StripStorage): void {
  emitter.describe(x);
  output(emitter, "out", x, storage);
}

function output({ graph }: Emitter, name: string, { value, channels }: Plane, storage: StripStorage): void {
  const stored = storage === "float16" ? graph.op("Cast", [value], { to: elementTypes.float16 }) : value;
  graph.output(name, stored, storage, [1, channels, `rows of ${name}`, `columns of ${name}`]);
}

function middle(emitter: Emitter, z: Value): Plane {
  const { latentChannels, blockChannels } = emitter.config;
  const x = emitter.conv("decoder.conv_in", { value: z, channels: latentChannels }, blockChannels.at(-1)!);
  return emitter.midBlock("decoder.mid_block", x);
}

function upResnets(emitter: Emitter, features: Plane, block: number): Plane {
  const { blockChannels, layersPerBlock } = emitter.config;
  let x = features;
  for (let i = 0; i <= layersPerBlock; i++) {
    x = emitter.resnet(`decoder.up_blocks.${block}.resnets.${i}`, x, blockChannels.at(-1 - block)!);
  }
  return x;
}

function upBlocks(emitter: Emitter, features: Plane): Plane {
  const { config } = emitter;
  let x = upResnets(emitter, features, 0);
  for (let block = 1; block < config.blockChannels.length; block++) {
    x = upResnets(emitter, emitter.upsample(`decoder.up_blocks.${block - 1}.upsamplers.0`, x), block);
  }
  x = emitter.silu(emitter.groupNorm("decoder.conv_norm_out", x));
  return emitter.conv("decoder.conv_out", x, config.imageChannels);
}

function finishedDecoder({ graph, config }: Emitter, image: Plane): BuiltModel {
  graph.output("image", image.value, "float32", [1, config.imageChannels, "image height", "image width"]);
  return graph.build();
}

/** Input `image` `[1, 3, H, W]` in [-1, 1]; output `moments` `[1, 2 * latent channels, H/8, W/8]`: mean, then log variance. */
export function encoderGraph(set: WeightSet, config: AutoencoderConfig, forms: GraphForms = {}): BuiltModel {
  const emitter = new Emitter("autoencoder encoder", set, config, forms);
  const image = emitter.graph.input("image", "float32", [1, config.imageChannels, "image height", "image width"]);
  let x = emitter.conv("encoder.conv_in", { value: image, channels: config.imageChannels }, config.blockChannels[0]!);
  for (const [block, size] of config.blockChannels.entries()) {
    x = downResnets(emitter, x, block);
    if (block < config.blockChannels.length - 1) {
      // The reference pads right and bottom only.
      const options = { kernel: 3, stride: 2, pads: [0, 0, 1, 1] } as const;
      x = emitter.conv(`encoder.down_blocks.${block}.downsamplers.0.conv`, x, size, options);
    }
  }
  return finishedEncoder(emitter, x);
}

/**
 * The encoder's part at the size of the latents, with its attention over all of them: `x`
 * `[1, channels of the last block but one, H/8, W/8]` to the outputs of {@link encoderGraph}.
 */
export function encoderEndGraph(
  set: WeightSet,
  config: AutoencoderConfig,
  { storage, ...forms }: StripForms,
): BuiltModel {
  const emitter = new Emitter("autoencoder encoder end", set, config, forms);
  const channels = config.blockChannels.at(-2) ?? config.blockChannels[0]!;
  const x = stored(emitter, "x", channels, storage);
  return finishedEncoder(emitter, downResnets(emitter, x, config.blockChannels.length - 1));
}

function downResnets(emitter: Emitter, features: Plane, block: number): Plane {
  const { blockChannels, layersPerBlock } = emitter.config;
  let x = features;
  for (let i = 0; i < layersPerBlock; i++) {
    x = emitter.resnet(`encoder.down_blocks.${block}.resnets.${i}`, x, blockChannels[block]!);
  }
  return x;
}

function finishedEncoder(emitter: Emitter, features: Plane): BuiltModel {
  const { graph, config } = emitter;
  let x = emitter.midBlock("encoder.mid_block", features);
  x = emitter.silu(emitter.groupNorm("encoder.conv_norm_out", x));
  x = emitter.conv("encoder.conv_out", x, 2 * config.latentChannels);
  graph.output("moments", x.value, "float32", [1, 2 * config.latentChannels, "height", "width"]);
  return graph.build();
}
