import type { TensorInfo } from "../weights/tensor.ts";

/** Marks of other families in LoRA names, flattened with underscores; the first match wins. */
const marks: readonly [RegExp, string][] = [
  [/(^|_)transformer_blocks_\d+_(img_mod|img_mlp|txt_mod|txt_mlp)_/, "Qwen-Image"],
  [/(^|_)transformer_blocks_([4-5]\d)_attn_/, "Qwen-Image"],
  [/(^|_)single_transformer_blocks_\d+_/, "Flux"],
  [/(^|_)(double|single)_blocks_\d+_/, "Flux"],
  [/(^|_)joint_blocks_\d+_/, "Stable Diffusion 3"],
  [/(^|_)transformer_blocks_\d+_attn_(add_[qkv]_proj|to_add_out)/, "Stable Diffusion 3, Flux or Qwen-Image"],
  [/(^|_)blocks_\d+_(self_attn|cross_attn)_[qkvo](_|$)/, "Wan"],
  [/(^|_)(?<!transformer_)blocks_\d+_(attn1|attn2|ffn)_/, "Wan"],
  [/^(?!.*attentions_\d).*transformer_blocks_\d+_(attn1|attn2)_to_/, "LTX-Video or PixArt"],
  [/(^|_)(double_stream_blocks|single_stream_blocks)_\d+_/, "HiDream"],
  [/(^|_)joint_transformer_blocks_\d+_/, "AuraFlow"],
  [/^lora_te2_|(^|_)text_encoder_2_/, "Stable Diffusion XL"],
  [/(^|_)input_blocks_[78]_1_transformer_blocks_[1-9]_/, "Stable Diffusion XL"],
  [/(^|_)(down|up)_blocks_\d_attentions_\d_transformer_blocks_[2-9]_/, "Stable Diffusion XL"],
];
/** All that {@link familyOfLora} can give. */
export const loraFamilies: readonly string[] = [
  ...marks.map(([, family]) => family),
  ...["Stable Diffusion XL", "Stable Diffusion 2", "Stable Diffusion 1.5", "Stable Diffusion 1.5, 2 or XL"],
  "Lumina-Image 2.0 or a Z-Image of another size",
];
const unet = /(^|_)(down_blocks|up_blocks|mid_block|input_blocks|output_blocks|middle_block)_/;
const unetCrossAttention = /attn2_to_[kv](_|$)/;
const lumina = /(^|_)(noise_refiner|context_refiner|layers)_\d+_(attention|feed_forward|adaLN)/;

/**
 * The family a LoRA was made for, told from its names and, among UNets, from the width of their text conditioning;
 * undefined where it cannot be told.
 */
export function familyOfLora(tensors: ReadonlyMap<string, TensorInfo>): string | undefined {
  const names = [...tensors.keys()].map((name) => name.replaceAll(".", "_"));
  const found = marks.find(([mark]) => names.some((name) => mark.test(name)))?.[1];
  if (found !== undefined) return found;
  if (names.some((name) => unet.test(name))) return unetFamily(tensors);
  return names.some((name) => lumina.test(name)) ? "Lumina-Image 2.0 or a Z-Image of another size" : undefined;
}

function unetFamily(tensors: ReadonlyMap<string, TensorInfo>): string {
  for (const [name, { shape }] of tensors) {
    if (!/lora_(down|A)|lora\.down/.test(name) || !unetCrossAttention.test(name.replaceAll(".", "_"))) continue;
    if (shape[1] === 2048) return "Stable Diffusion XL";
    if (shape[1] === 1024) return "Stable Diffusion 2";
    if (shape[1] === 768) return "Stable Diffusion 1.5";
  }
  return "Stable Diffusion 1.5, 2 or XL";
}
