import { z } from "zod";
import { HeddleError } from "../../../common/errors.ts";
import { issuesInWords, words } from "../../../common/words.ts";
import type { TensorInfo } from "../tensor.ts";
import { type ComponentKind, componentNames } from "./component-files.ts";

/** Shape of every tensor that a component of the given dimensions must have. */
type Expected = Map<string, readonly number[]>;

const count = z.int().min(1).max(1_000_000);
const transformerDims = z.object({
  dim: count,
  n_heads: count,
  n_layers: count.max(1000),
  n_refiner_layers: count.max(100),
  cap_feat_dim: count,
  in_channels: count,
});
const textEncoderDims = z.object({
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count.max(1000),
  num_attention_heads: count,
  num_key_value_heads: count,
  head_dim: count,
  vocab_size: count,
});
const vaeDims = z.object({
  block_out_channels: z.array(count).min(1).max(16),
  layers_per_block: count.max(64),
  latent_channels: count,
  out_channels: count,
});
const controlNetDims = z.object({
  dim: count,
  n_heads: count,
  control_layers_places: z.array(z.int().min(0)).min(1).max(1000),
  control_in_dim: count,
});

/** A Z-Image block; `modulated` is false for the context refiner. */
function addBlock(expected: Expected, prefix: string, dim: number, headSize: number, modulated: boolean): void {
  const inner = Math.trunc((dim / 3) * 8);
  for (const part of ["to_q", "to_k", "to_v", "to_out.0"])
    expected.set(`${prefix}attention.${part}.weight`, [dim, dim]);
  for (const part of ["norm_q", "norm_k"]) expected.set(`${prefix}attention.${part}.weight`, [headSize]);
  for (const part of ["attention_norm1", "attention_norm2", "ffn_norm1", "ffn_norm2"]) {
    expected.set(`${prefix}${part}.weight`, [dim]);
  }
  expected.set(`${prefix}feed_forward.w1.weight`, [inner, dim]);
  expected.set(`${prefix}feed_forward.w2.weight`, [dim, inner]);
  expected.set(`${prefix}feed_forward.w3.weight`, [inner, dim]);
  if (modulated) addLinear(expected, `${prefix}adaLN_modulation.0`, Math.min(dim, 256), 4 * dim);
}

function addLinear(expected: Expected, name: string, inputs: number, outputs: number): void {
  expected.set(`${name}.weight`, [outputs, inputs]);
  expected.set(`${name}.bias`, [outputs]);
}

function transformerTensors(dims: z.infer<typeof transformerDims>): Expected {
  const { dim, cap_feat_dim } = dims;
  const patchValues = dims.in_channels * 4;
  const conditioning = Math.min(dim, 256);
  const expected: Expected = new Map();
  addLinear(expected, "all_x_embedder.2-1", patchValues, dim);
  addLinear(expected, "all_final_layer.2-1.linear", dim, patchValues);
  addLinear(expected, "all_final_layer.2-1.adaLN_modulation.1", conditioning, dim);
  addLinear(expected, "t_embedder.mlp.0", 256, 1024);
  addLinear(expected, "t_embedder.mlp.2", 1024, conditioning);
  expected.set("cap_embedder.0.weight", [cap_feat_dim]);
  addLinear(expected, "cap_embedder.1", cap_feat_dim, dim);
  expected.set("x_pad_token", [1, dim]);
  expected.set("cap_pad_token", [1, dim]);
  const headSize = dim / dims.n_heads;
  for (let i = 0; i < dims.n_refiner_layers; i++) {
    addBlock(expected, `noise_refiner.${i}.`, dim, headSize, true);
    addBlock(expected, `context_refiner.${i}.`, dim, headSize, false);
  }
  for (let i = 0; i < dims.n_layers; i++) addBlock(expected, `layers.${i}.`, dim, headSize, true);
  return expected;
}

function controlNetTensors(dims: z.infer<typeof controlNetDims>): Expected {
  const { dim } = dims;
  const expected: Expected = new Map();
  addLinear(expected, "control_all_x_embedder.2-1", dims.control_in_dim * 4, dim);
  for (let i = 0; i < dims.control_layers_places.length; i++) {
    addBlock(expected, `control_layers.${i}.`, dim, dim / dims.n_heads, true);
    addLinear(expected, `control_layers.${i}.after_proj`, dim, dim);
  }
  addLinear(expected, "control_layers.0.before_proj", dim, dim);
  return expected;
}

function textEncoderTensors(dims: z.infer<typeof textEncoderDims>): Expected {
  const { hidden_size, intermediate_size, head_dim } = dims;
  const queries = dims.num_attention_heads * head_dim;
  const keys = dims.num_key_value_heads * head_dim;
  const expected: Expected = new Map([["model.embed_tokens.weight", [dims.vocab_size, hidden_size]]]);
  for (let i = 0; i < dims.num_hidden_layers; i++) {
    const prefix = `model.layers.${i}.`;
    expected.set(`${prefix}input_layernorm.weight`, [hidden_size]);
    expected.set(`${prefix}post_attention_layernorm.weight`, [hidden_size]);
    expected.set(`${prefix}self_attn.q_proj.weight`, [queries, hidden_size]);
    expected.set(`${prefix}self_attn.k_proj.weight`, [keys, hidden_size]);
    expected.set(`${prefix}self_attn.v_proj.weight`, [keys, hidden_size]);
    expected.set(`${prefix}self_attn.o_proj.weight`, [hidden_size, queries]);
    expected.set(`${prefix}self_attn.q_norm.weight`, [head_dim]);
    expected.set(`${prefix}self_attn.k_norm.weight`, [head_dim]);
    expected.set(`${prefix}mlp.gate_proj.weight`, [intermediate_size, hidden_size]);
    expected.set(`${prefix}mlp.up_proj.weight`, [intermediate_size, hidden_size]);
    expected.set(`${prefix}mlp.down_proj.weight`, [hidden_size, intermediate_size]);
  }
  return expected;
}

function addConvolution(expected: Expected, name: string, inputs: number, outputs: number): void {
  expected.set(`${name}.weight`, [outputs, inputs, 3, 3]);
  expected.set(`${name}.bias`, [outputs]);
}

function addNorm(expected: Expected, name: string, channels: number): void {
  expected.set(`${name}.weight`, [channels]);
  expected.set(`${name}.bias`, [channels]);
}

function addResnet(expected: Expected, name: string, inputs: number, outputs: number): void {
  addNorm(expected, `${name}.norm1`, inputs);
  addConvolution(expected, `${name}.conv1`, inputs, outputs);
  addNorm(expected, `${name}.norm2`, outputs);
  addConvolution(expected, `${name}.conv2`, outputs, outputs);
  if (inputs === outputs) return;
  expected.set(`${name}.conv_shortcut.weight`, [outputs, inputs, 1, 1]);
  expected.set(`${name}.conv_shortcut.bias`, [outputs]);
}

function addMiddle(expected: Expected, prefix: string, channels: number): void {
  addResnet(expected, `${prefix}mid_block.resnets.0`, channels, channels);
  addResnet(expected, `${prefix}mid_block.resnets.1`, channels, channels);
  addNorm(expected, `${prefix}mid_block.attentions.0.group_norm`, channels);
  for (const part of ["to_q", "to_k", "to_v", "to_out.0"]) {
    addLinear(expected, `${prefix}mid_block.attentions.0.${part}`, channels, channels);
  }
}

/** The decoder, and the encoder where the file has one: some are published without it. */
function vaeTensors(dims: z.infer<typeof vaeDims>, hasEncoder: boolean): Expected {
  const channels = dims.block_out_channels;
  const [finest, coarsest] = [channels[0]!, channels.at(-1)!];
  const expected: Expected = new Map();
  addConvolution(expected, "decoder.conv_in", dims.latent_channels, coarsest);
  addMiddle(expected, "decoder.", coarsest);
  let before = coarsest;
  for (const [i, width] of channels.toReversed().entries()) {
    for (let j = 0; j <= dims.layers_per_block; j++) {
      addResnet(expected, `decoder.up_blocks.${i}.resnets.${j}`, j === 0 ? before : width, width);
    }
    if (i < channels.length - 1) addConvolution(expected, `decoder.up_blocks.${i}.upsamplers.0.conv`, width, width);
    before = width;
  }
  addNorm(expected, "decoder.conv_norm_out", finest);
  addConvolution(expected, "decoder.conv_out", finest, dims.out_channels);
  if (!hasEncoder) return expected;

  addConvolution(expected, "encoder.conv_in", dims.out_channels, finest);
  before = finest;
  for (const [i, width] of channels.entries()) {
    for (let j = 0; j < dims.layers_per_block; j++) {
      addResnet(expected, `encoder.down_blocks.${i}.resnets.${j}`, j === 0 ? before : width, width);
    }
    if (i < channels.length - 1) addConvolution(expected, `encoder.down_blocks.${i}.downsamplers.0.conv`, width, width);
    before = width;
  }
  addMiddle(expected, "encoder.", coarsest);
  addNorm(expected, "encoder.conv_norm_out", coarsest);
  addConvolution(expected, "encoder.conv_out", coarsest, 2 * dims.latent_channels);
  return expected;
}

/**
 * Compares a component's tensors with what its config asks for.
 *
 * @throws HeddleError `config-invalid` when a dimension is absent or absurd, `tensors-missing` with the names, or
 *   `tensor-shape-unexpected` with name, found and expected shape.
 */
export function checkTensors(
  kind: ComponentKind,
  tensors: ReadonlyMap<string, TensorInfo>,
  config: Readonly<Record<string, unknown>>,
  path: string,
): void {
  const expected = expectedTensors(kind, tensors, config, path);
  const missing = [...expected.keys()].filter((name) => !tensors.has(name));
  if (missing.length > 0) {
    const [first, more] = [missing.slice(0, 3).join(", "), missing.length - 3];
    const listed = more > 0 ? `${first} and ${more} more` : first;
    throw new HeddleError({
      code: "tensors-missing",
      message: `The ${componentNames[kind]} in "${path}" is incomplete: it lacks ${listed}.`,
      help: "Download the file again. If it is a pruned or partial file, get the complete one.",
      details: { path, part: words(componentNames[kind]), missing, first, ...(more > 0 && { cause: "many", more }) },
    });
  }
  for (const [name, shape] of expected) {
    const found = tensors.get(name)!.shape;
    if (found.length === shape.length && found.every((size, axis) => size === shape[axis])) continue;
    const [foundShape, neededShape] = [`[${found.join(", ")}]`, `[${shape.join(", ")}]`];
    throw new HeddleError({
      code: "tensor-shape-unexpected",
      message: `The ${componentNames[kind]} in "${path}" does not fit together: ${name} is ${foundShape} where ${neededShape} belongs.`,
      help: "The file is damaged, packed in a way Heddle does not read, or belongs to another config.json.",
      details: { path, part: words(componentNames[kind]), name, found, expected: shape, foundShape, neededShape },
    });
  }
}

function expectedTensors(
  kind: ComponentKind,
  tensors: ReadonlyMap<string, TensorInfo>,
  config: Readonly<Record<string, unknown>>,
  path: string,
): Expected {
  const read = <T>(schema: z.ZodType<T>): T => {
    const parsed = schema.safeParse(config);
    if (parsed.success) return parsed.data;
    throw new HeddleError({
      code: "config-invalid",
      message: `The dimensions of the ${componentNames[kind]} in "${path}" cannot be told: ${z.prettifyError(parsed.error)}`,
      help: "Download config.json and the weights again; both must be of the same model.",
      details: {
        cause: "dimensions",
        path,
        part: words(componentNames[kind]),
        problems: issuesInWords(parsed.error),
        config,
      },
    });
  };
  switch (kind) {
    case "transformer":
      return transformerTensors(read(transformerDims));
    case "textEncoder":
      return textEncoderTensors(read(textEncoderDims));
    case "vae":
      return vaeTensors(read(vaeDims), tensors.has("encoder.conv_in.weight"));
    case "controlNet":
      return controlNetTensors(read(controlNetDims));
  }
}
