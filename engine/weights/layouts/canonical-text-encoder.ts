import type { TensorInfo } from "../tensor.ts";

/** Names of llama.cpp's GGUF files to Hugging Face names. */
const ggufRenames: readonly [RegExp, string][] = [
  [/^token_embd\./, "model.embed_tokens."],
  [/^output_norm\./, "model.norm."],
  [/^output\./, "lm_head."],
  [/^blk\.(\d+)\.attn_norm\./, "model.layers.$1.input_layernorm."],
  [/^blk\.(\d+)\.ffn_norm\./, "model.layers.$1.post_attention_layernorm."],
  [/^blk\.(\d+)\.attn_([qkv])\./, "model.layers.$1.self_attn.$2_proj."],
  [/^blk\.(\d+)\.attn_([qk])_norm\./, "model.layers.$1.self_attn.$2_norm."],
  [/^blk\.(\d+)\.attn_output\./, "model.layers.$1.self_attn.o_proj."],
  [/^blk\.(\d+)\.ffn_(gate|up|down)\./, "model.layers.$1.mlp.$2_proj."],
];

/** Names with the leading `model.` that Qwen3 files carry, whether the file has it, lacks it or is llama.cpp's. */
export function canonicalTextEncoder(tensors: ReadonlyMap<string, TensorInfo>): Map<string, TensorInfo> {
  const canonical = new Map<string, TensorInfo>();
  for (const [name, tensor] of tensors) {
    const hugging = ggufRenames.reduce((sofar, [pattern, replacement]) => sofar.replace(pattern, replacement), name);
    const renamed = /^(layers|embed_tokens|norm)\./.test(hugging) ? `model.${hugging}` : hugging;
    canonical.set(renamed, { ...tensor, name: renamed });
  }
  return canonical;
}
