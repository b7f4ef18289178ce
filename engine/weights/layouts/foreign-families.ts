/** What the names of a file say it is, when it is no Z-Image file. The first match wins. */
const fingerprints: readonly [family: string, ...marks: RegExp[]][] = [
  ["a LoRA", /\.(lora_(A|B|up|down)|lora\.(up|down)|lokr_w[12]|hada_w[12]_[ab])\b/],
  ["a Chroma model", /(^|\.)distilled_guidance_layer\./],
  ["a HunyuanVideo model", /(^|\.)txt_in\.individual_token_refiner\./],
  ["a Flux.2 model", /(^|\.)double_stream_modulation_img\./],
  ["a Flux model", /(^|\.)double_blocks\.\d+\.img_attn\./],
  ["a Flux model", /(^|\.)single_transformer_blocks\.\d+\./],
  ["a Qwen-Image model", /(^|\.)transformer_blocks\.\d+\.img_mod\./],
  ["a Stable Diffusion 3 model", /(^|\.)joint_blocks\.\d+\./],
  ["a Stable Diffusion 3 model", /(^|\.)transformer_blocks\.\d+\.attn\.add_k_proj\./],
  ["an AuraFlow model", /(^|\.)double_layers\.\d+\./],
  ["a HiDream model", /(^|\.)double_stream_blocks\.\d+\./],
  ["an LTX-Video model", /(^|\.)patchify_proj\./],
  ["a Cosmos model", /(^|\.)blocks\.\d+\.adaln_modulation_self_attn\./],
  ["a PixArt model", /(^|\.)adaln_single\./],
  ["a Wan model", /(^|\.)blocks\.\d+\.(self_attn\.q|cross_attn\.q)\./],
  ["a Lumina-Image 2.0 model", /(^|\.)context_refiner\.\d+\.attention\./],
  ["a Stable Diffusion XL checkpoint", /^conditioner\.embedders\.1\./],
  ["a Stable Diffusion XL model", /(^|\.)(label_emb\.0\.0|add_embedding\.linear_1)\./],
  ["a Stable Diffusion 2 checkpoint", /^cond_stage_model\.model\.transformer\.resblocks\./],
  ["a Stable Diffusion 1.5 checkpoint", /^cond_stage_model\.transformer\.text_model\./],
  ["a Stable Diffusion 1.5 or 2 model", /(^|\.)(input_blocks\.1\.1|down_blocks\.0\.attentions\.0)\./],
  ["a CLIP text encoder", /(^|\.)text_model\.encoder\.layers\.\d+\./],
  ["a T5 text encoder", /(^|\.)encoder\.block\.\d+\.layer\.0\.SelfAttention\.|^enc\.blk\.\d+\./],
  ["a Gemma text encoder", /\.pre_feedforward_layernorm\.|^blk\.\d+\.post_ffw_norm\./],
  ["a vision-language model", /(^|\.)(visual|vision_tower|vision_model)\./],
  ["a language model other than Qwen3", /(^|\.)layers\.\d+\.self_attn\.q_proj\.|^blk\.\d+\.attn_q\./],
  [
    "the video autoencoder of Wan or Qwen-Image",
    /(^|\.)(decoder\.middle\.0\.residual|decoder\.mid_block\.resnets\.0\.norm1\.gamma)/,
  ],
  ["an upscaler", /^(body\.0\.rdb1\.|model\.1\.sub\.0\.RDB1\.|params_ema\.)/],
  ["a textual inversion", /^(emb_params|string_to_param|clip_[gl])$/],
];

/** "a Flux model", or undefined where the names are not recognised. */
export function recogniseFamily(names: Iterable<string>): string | undefined {
  const all = [...names];
  return fingerprints.find(([, ...marks]) => marks.some((mark) => all.some((name) => mark.test(name))))?.[0];
}

/** Families by the class names that diffusers writes into model_index.json and config.json. */
const classes: readonly [RegExp, string][] = [
  [/^StableDiffusionXL/, "a Stable Diffusion XL model"],
  [/^(StableDiffusion3|SD3)/, "a Stable Diffusion 3 model"],
  [/^(StableDiffusion|UNet2DCondition)/, "a Stable Diffusion 1.5, 2 or XL model"],
  [/^Flux2/, "a Flux.2 model"],
  [/^Flux/, "a Flux model"],
  [/^Chroma/, "a Chroma model"],
  [/^QwenImage/, "a Qwen-Image model"],
  [/^Wan/, "a Wan model"],
  [/^Lumina/, "a Lumina model"],
  [/^HunyuanVideo/, "a HunyuanVideo model"],
  [/^(LTX|AuraFlow|HiDream|PixArt|Sana|Cosmos|Kolors|OmniGen|CogView)/, "a model of another family"],
  [/^ZImageOmni/, "a Z-Image-Omni model"],
];

/** All that these functions can give. */
export const foreignFamilies: readonly string[] = [
  ...fingerprints,
  ...classes.map(([, family]) => [family] as const),
].map(([family]) => family);

export function familyOfClass(className: string): string | undefined {
  return classes.find(([pattern]) => pattern.test(className))?.[1];
}
