import type { AutoencoderConfig } from "../engine/models/autoencoder-kl/config.ts";
import type { Qwen3Config } from "../engine/models/qwen3/config.ts";
import { PATCH, TIME_FEATURES, TIME_HIDDEN, type ZImageConfig } from "../engine/models/z-image/config.ts";

/** Z-Image's dimensions with another number of layers. */
export function realConfig(layers: number, refinerLayers = 0): ZImageConfig {
  return {
    dim: 3840,
    layers,
    refinerLayers,
    heads: 30,
    headDim: 128,
    ffnDim: 10240,
    adalnDim: 256,
    channels: 16,
    captionDim: 2560,
    normEps: 1e-5,
    ropeTheta: 256,
    timeScale: 1000,
    axesDims: [32, 48, 48],
    axesLens: [1536, 512, 512],
  };
}

/** Names and shapes of a Z-Image transformer's tensors. */
export function transformerTensors(config: ZImageConfig): Map<string, readonly number[]> {
  const { dim, ffnDim, headDim, adalnDim, captionDim, channels, layers, refinerLayers } = config;
  const patch = PATCH * PATCH * channels;
  const tensors = new Map<string, readonly number[]>([
    [`all_x_embedder.${PATCH}-1.weight`, [dim, patch]],
    [`all_x_embedder.${PATCH}-1.bias`, [dim]],
    ["cap_embedder.0.weight", [captionDim]],
    ["cap_embedder.1.weight", [dim, captionDim]],
    ["cap_embedder.1.bias", [dim]],
    ["x_pad_token", [1, dim]],
    ["cap_pad_token", [1, dim]],
    ["t_embedder.mlp.0.weight", [TIME_HIDDEN, TIME_FEATURES]],
    ["t_embedder.mlp.0.bias", [TIME_HIDDEN]],
    ["t_embedder.mlp.2.weight", [adalnDim, TIME_HIDDEN]],
    ["t_embedder.mlp.2.bias", [adalnDim]],
    [`all_final_layer.${PATCH}-1.adaLN_modulation.1.weight`, [dim, adalnDim]],
    [`all_final_layer.${PATCH}-1.adaLN_modulation.1.bias`, [dim]],
    [`all_final_layer.${PATCH}-1.linear.weight`, [patch, dim]],
    [`all_final_layer.${PATCH}-1.linear.bias`, [patch]],
  ]);
  const block = (path: string, isModulated: boolean) => {
    for (const name of ["to_q", "to_k", "to_v", "to_out.0"])
      tensors.set(`${path}.attention.${name}.weight`, [dim, dim]);
    for (const name of ["norm_q", "norm_k"]) tensors.set(`${path}.attention.${name}.weight`, [headDim]);
    for (const name of ["attention_norm1", "attention_norm2", "ffn_norm1", "ffn_norm2"])
      tensors.set(`${path}.${name}.weight`, [dim]);
    tensors.set(`${path}.feed_forward.w1.weight`, [ffnDim, dim]);
    tensors.set(`${path}.feed_forward.w2.weight`, [dim, ffnDim]);
    tensors.set(`${path}.feed_forward.w3.weight`, [ffnDim, dim]);
    if (!isModulated) return;
    tensors.set(`${path}.adaLN_modulation.0.weight`, [4 * dim, adalnDim]);
    tensors.set(`${path}.adaLN_modulation.0.bias`, [4 * dim]);
  };
  for (let i = 0; i < refinerLayers; i++) {
    block(`noise_refiner.${i}`, true);
    block(`context_refiner.${i}`, false);
  }
  for (let i = 0; i < layers; i++) block(`layers.${i}`, true);
  return tensors;
}

/** Only the tensors of one main layer. */
export function layerTensors(config: ZImageConfig, layer: number): Map<string, readonly number[]> {
  return new Map([...transformerTensors(config)].filter(([name]) => name.startsWith(`layers.${layer}.`)));
}

/** Qwen3-4B's dimensions. */
export const qwen3Config: Qwen3Config = {
  hidden: 2560,
  intermediate: 9728,
  layers: 36,
  heads: 32,
  kvHeads: 8,
  headDim: 128,
  normEps: 1e-6,
  ropeTheta: 1e6,
  vocabulary: 151_936,
};

/** Names and shapes of a Qwen3 text encoder's tensors. */
export function textEncoderTensors(config: Qwen3Config): Map<string, readonly number[]> {
  const { hidden, intermediate, layers, heads, kvHeads, headDim, vocabulary } = config;
  const tensors = new Map<string, readonly number[]>([["model.embed_tokens.weight", [vocabulary, hidden]]]);
  for (let i = 0; i < layers; i++) {
    const path = `model.layers.${i}`;
    for (const name of ["input_layernorm", "post_attention_layernorm"]) tensors.set(`${path}.${name}.weight`, [hidden]);
    for (const name of ["q_norm", "k_norm"]) tensors.set(`${path}.self_attn.${name}.weight`, [headDim]);
    tensors.set(`${path}.self_attn.q_proj.weight`, [heads * headDim, hidden]);
    for (const name of ["k_proj", "v_proj"])
      tensors.set(`${path}.self_attn.${name}.weight`, [kvHeads * headDim, hidden]);
    tensors.set(`${path}.self_attn.o_proj.weight`, [hidden, heads * headDim]);
    for (const name of ["gate_proj", "up_proj"]) tensors.set(`${path}.mlp.${name}.weight`, [intermediate, hidden]);
    tensors.set(`${path}.mlp.down_proj.weight`, [hidden, intermediate]);
  }
  return tensors;
}

/** The Flux autoencoder's dimensions. */
export const fluxVae: AutoencoderConfig = {
  imageChannels: 3,
  latentChannels: 16,
  blockChannels: [128, 256, 512, 512],
  layersPerBlock: 2,
  groups: 32,
  scale: 0.3611,
  shift: 0.1159,
  midAttention: true,
  downscale: 8,
};

/** Names and shapes of an autoencoder's tensors. */
export function vaeTensors(config: AutoencoderConfig): Map<string, readonly number[]> {
  const tensors = new Map<string, readonly number[]>();
  const conv = (path: string, from: number, to: number, kernel = 3) => {
    tensors.set(`${path}.weight`, [to, from, kernel, kernel]);
    tensors.set(`${path}.bias`, [to]);
  };
  const norm = (path: string, size: number) => {
    tensors.set(`${path}.weight`, [size]);
    tensors.set(`${path}.bias`, [size]);
  };
  const resnet = (path: string, from: number, to: number) => {
    norm(`${path}.norm1`, from);
    conv(`${path}.conv1`, from, to);
    norm(`${path}.norm2`, to);
    conv(`${path}.conv2`, to, to);
    if (from !== to) conv(`${path}.conv_shortcut`, from, to, 1);
  };
  const channels = [...config.blockChannels].reverse();
  const deepest = channels[0]!;
  const middle = (coder: string) => {
    for (const i of [0, 1]) resnet(`${coder}.mid_block.resnets.${i}`, deepest, deepest);
    const attention = `${coder}.mid_block.attentions.0`;
    norm(`${attention}.group_norm`, deepest);
    for (const name of ["to_q", "to_k", "to_v", "to_out.0"]) {
      tensors.set(`${attention}.${name}.weight`, [deepest, deepest]);
      tensors.set(`${attention}.${name}.bias`, [deepest]);
    }
  };
  conv("decoder.conv_in", config.latentChannels, deepest);
  middle("decoder");
  let from = deepest;
  channels.forEach((size, block) => {
    const path = `decoder.up_blocks.${block}`;
    for (let i = 0; i <= config.layersPerBlock; i++) {
      resnet(`${path}.resnets.${i}`, from, size);
      from = size;
    }
    if (block < channels.length - 1) conv(`${path}.upsamplers.0.conv`, size, size);
  });
  norm("decoder.conv_norm_out", from);
  conv("decoder.conv_out", from, config.imageChannels);
  from = config.blockChannels[0]!;
  conv("encoder.conv_in", config.imageChannels, from);
  config.blockChannels.forEach((size, block) => {
    const path = `encoder.down_blocks.${block}`;
    for (let i = 0; i < config.layersPerBlock; i++) {
      resnet(`${path}.resnets.${i}`, from, size);
      from = size;
    }
    if (block < channels.length - 1) conv(`${path}.downsamplers.0.conv`, size, size);
  });
  middle("encoder");
  norm("encoder.conv_norm_out", from);
  conv("encoder.conv_out", from, 2 * config.latentChannels);
  return tensors;
}
