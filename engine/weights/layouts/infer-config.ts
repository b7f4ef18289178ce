import type { TensorInfo } from "../tensor.ts";

type Tensors = ReadonlyMap<string, TensorInfo>;
type Config = Record<string, unknown>;

/** Every function here reads canonical names and gives what can be told; a dimension that cannot be told is absent. */
function dimension(tensors: Tensors, name: string, axis: number): number | undefined {
  return tensors.get(name)?.shape[axis];
}

/** Numbers n for which a name starts with `before` n `.`: how many there are, counted from 0. */
function countBlocks(tensors: Tensors, before: string): number {
  let highest = -1;
  for (const name of tensors.keys()) {
    if (!name.startsWith(before)) continue;
    const index = Number.parseInt(name.slice(before.length), 10);
    if (index > highest && index < 1000) highest = index;
  }
  return highest + 1;
}

function withoutUnknown(config: Record<string, unknown>): Config {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}

/**
 * RoPE splits the head into frame, row and column parts. The published model has [32, 48, 48] of 128, and models of
 * other sizes are taken to keep these proportions where they give even parts; otherwise equal parts.
 */
function axesOf(headSize: number): number[] | undefined {
  const proportional = [headSize / 4, (headSize * 3) / 8, (headSize * 3) / 8];
  const equal = [headSize / 3, headSize / 3, headSize / 3];
  return [proportional, equal].find((axes) => axes.every((size) => Number.isInteger(size / 2)));
}

export function inferTransformerConfig(tensors: Tensors): Config {
  const dim = dimension(tensors, "layers.0.attention.to_q.weight", 1);
  const headSize = dimension(tensors, "layers.0.attention.norm_q.weight", 0);
  const patchValues = dimension(tensors, "all_x_embedder.2-1.weight", 1);
  const heads = dim !== undefined && headSize !== undefined ? dim / headSize : undefined;
  return withoutUnknown({
    _class_name: "ZImageTransformer2DModel",
    all_patch_size: [2],
    all_f_patch_size: [1],
    in_channels: patchValues === undefined ? undefined : patchValues / 4,
    dim,
    n_layers: countBlocks(tensors, "layers."),
    n_refiner_layers: countBlocks(tensors, "noise_refiner."),
    n_heads: heads,
    n_kv_heads: heads,
    norm_eps: 1e-5,
    qk_norm: true,
    cap_feat_dim: dimension(tensors, "cap_embedder.0.weight", 0),
    rope_theta: 256,
    t_scale: 1000,
    axes_dims: headSize === undefined ? undefined : axesOf(headSize),
    axes_lens: [1536, 512, 512],
  });
}

/** What shapes do not tell (RoPE base, epsilon) is that of Qwen3-4B. */
export function inferTextEncoderConfig(tensors: Tensors): Config {
  const headSize = dimension(tensors, "model.layers.0.self_attn.q_norm.weight", 0);
  const headsIn = (rows: number | undefined) => (rows === undefined || headSize === undefined ? rows : rows / headSize);
  return withoutUnknown({
    model_type: "qwen3",
    architectures: ["Qwen3ForCausalLM"],
    vocab_size: dimension(tensors, "model.embed_tokens.weight", 0),
    hidden_size: dimension(tensors, "model.embed_tokens.weight", 1),
    intermediate_size: dimension(tensors, "model.layers.0.mlp.gate_proj.weight", 0),
    num_hidden_layers: countBlocks(tensors, "model.layers."),
    num_attention_heads: headsIn(dimension(tensors, "model.layers.0.self_attn.q_proj.weight", 0)),
    num_key_value_heads: headsIn(dimension(tensors, "model.layers.0.self_attn.k_proj.weight", 0)),
    head_dim: headSize,
    hidden_act: "silu",
    attention_bias: false,
    rms_norm_eps: 1e-6,
    rope_theta: 1_000_000,
    rope_scaling: null,
  });
}

/** Flux's autoencoder normalises in 32 groups; a narrower one in as many groups as divide its narrowest block. */
function normGroups(channels: readonly number[]): number {
  return [32, 16, 8, 4, 2].find((groups) => channels.every((count) => count % groups === 0)) ?? 1;
}

/** Scaling and shift are not in the weights: they are those of Flux's autoencoder, which Z-Image uses. */
export function inferVaeConfig(tensors: Tensors): Config {
  const blocks = countBlocks(tensors, "decoder.up_blocks.");
  const channels = Array.from({ length: blocks }, (_, i) =>
    dimension(tensors, `decoder.up_blocks.${blocks - 1 - i}.resnets.0.conv1.weight`, 0),
  ).filter((count) => count !== undefined);
  return withoutUnknown({
    _class_name: "AutoencoderKL",
    in_channels: dimension(tensors, "encoder.conv_in.weight", 1) ?? 3,
    out_channels: dimension(tensors, "decoder.conv_out.weight", 0),
    latent_channels: dimension(tensors, "decoder.conv_in.weight", 1),
    block_out_channels: channels,
    layers_per_block: countBlocks(tensors, "decoder.up_blocks.0.resnets.") - 1,
    norm_num_groups: normGroups(channels),
    act_fn: "silu",
    mid_block_add_attention: tensors.has("decoder.mid_block.attentions.0.to_q.weight"),
    use_quant_conv: tensors.has("quant_conv.weight"),
    use_post_quant_conv: tensors.has("post_quant_conv.weight"),
    force_upcast: true,
    scaling_factor: 0.3611,
    shift_factor: 0.1159,
  });
}

/**
 * Which of the transformer's blocks take a residual is not in the weights. The published ControlNets (alibaba-pai) spread
 * their 15, 6 or, in the lite ones, 3 control layers evenly over the 30 blocks. Since version 2 their refiner blocks have
 * an `after_proj`, and each feeds the refiner block of its number.
 */
export function inferControlNetConfig(tensors: Tensors): Config {
  const dim = dimension(tensors, "control_layers.0.attention.to_q.weight", 1);
  const headSize = dimension(tensors, "control_layers.0.attention.norm_q.weight", 0);
  const patchValues = dimension(tensors, "control_all_x_embedder.2-1.weight", 1);
  const layers = countBlocks(tensors, "control_layers.");
  const refiners = countBlocks(tensors, "control_noise_refiner.");
  const heads = dim !== undefined && headSize !== undefined ? dim / headSize : undefined;
  const spacing = Math.max(1, Math.round(30 / layers));
  const feedsRefiner = tensors.has("control_noise_refiner.0.after_proj.weight");
  return withoutUnknown({
    _class_name: "ZImageControlNetModel",
    control_layers_places: Array.from({ length: layers }, (_, i) => i * spacing),
    control_refiner_layers_places: feedsRefiner ? Array.from({ length: refiners }, (_, i) => i) : null,
    control_in_dim: patchValues === undefined ? undefined : patchValues / 4,
    add_control_noise_refiner: feedsRefiner ? "control_noise_refiner" : null,
    all_patch_size: [2],
    all_f_patch_size: [1],
    dim,
    n_refiner_layers: refiners,
    n_heads: heads,
    n_kv_heads: heads,
    norm_eps: 1e-5,
    qk_norm: true,
  });
}
