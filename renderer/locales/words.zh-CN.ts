/** 以拉丁字母开头的名称与前面的汉字之间空一格。 */
const afterHan = (words: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(words).map(([english, chinese]) => [english, /^\w/.test(chinese) ? ` ${chinese}` : chinese]),
  );

/** 其他模型系列，按英文名称。 */
export const familiesZhCN: Readonly<Record<string, string>> = {
  "a LoRA": "LoRA",
  "a Chroma model": "Chroma 模型",
  "a HunyuanVideo model": "HunyuanVideo 模型",
  "a Flux.2 model": "Flux.2 模型",
  "a Flux model": "Flux 模型",
  "a Qwen-Image model": "Qwen-Image 模型",
  "a Stable Diffusion 3 model": "Stable Diffusion 3 模型",
  "an AuraFlow model": "AuraFlow 模型",
  "a HiDream model": "HiDream 模型",
  "an LTX-Video model": "LTX-Video 模型",
  "a Cosmos model": "Cosmos 模型",
  "a PixArt model": "PixArt 模型",
  "a Wan model": "Wan 模型",
  "a Lumina model": "Lumina 模型",
  "a Lumina-Image 2.0 model": "Lumina-Image 2.0 模型",
  "a Stable Diffusion XL checkpoint": "Stable Diffusion XL 检查点",
  "a Stable Diffusion XL model": "Stable Diffusion XL 模型",
  "a Stable Diffusion 2 checkpoint": "Stable Diffusion 2 检查点",
  "a Stable Diffusion 1.5 checkpoint": "Stable Diffusion 1.5 检查点",
  "a Stable Diffusion 1.5 or 2 model": "Stable Diffusion 1.5 或 2 模型",
  "a Stable Diffusion 1.5, 2 or XL model": "Stable Diffusion 1.5、2 或 XL 模型",
  "a Z-Image-Omni model": "Z-Image-Omni 模型",
  "a model of another family": "其他系列的模型",
  "a CLIP text encoder": "CLIP 文本编码器",
  "a T5 text encoder": "T5 文本编码器",
  "a Gemma text encoder": "Gemma 文本编码器",
  "a Gemma or mixture-of-experts model": "Gemma 或混合专家模型",
  "a vision-language model": "视觉语言模型",
  "a language model other than Qwen3": "Qwen3 以外的语言模型",
  "the video autoencoder of Wan or Qwen-Image": "Wan 或 Qwen-Image 的视频 VAE",
  "the autoencoder of Stable Diffusion 1.5, 2 or XL (4 latent channels)":
    "Stable Diffusion 1.5、2 或 XL 的 VAE（4 个潜变量通道）",
  "the autoencoder of Flux.2 (32 latent channels)": "Flux.2 的 VAE（32 个潜变量通道）",
  "an upscaler": "放大模型",
  "a textual inversion": "文本反转（textual inversion）",
  // LoRA 的目标
  "Qwen-Image": "Qwen-Image",
  Flux: "Flux",
  "Stable Diffusion 3": "Stable Diffusion 3",
  "Stable Diffusion 3, Flux or Qwen-Image": "Stable Diffusion 3、Flux 或 Qwen-Image",
  Wan: "Wan",
  "LTX-Video or PixArt": "LTX-Video 或 PixArt",
  HiDream: "HiDream",
  AuraFlow: "AuraFlow",
  "Stable Diffusion XL": "Stable Diffusion XL",
  "Stable Diffusion 2": "Stable Diffusion 2",
  "Stable Diffusion 1.5": "Stable Diffusion 1.5",
  "Stable Diffusion 1.5, 2 or XL": "Stable Diffusion 1.5、2 或 XL",
  "Lumina-Image 2.0 or a Z-Image of another size": "Lumina-Image 2.0 或其他大小的 Z-Image",
  "a Z-Image or Lumina model of another size": "其他大小的 Z-Image 或 Lumina 模型",
};

/** 问题说明中的名称，按英文查找；各语言相同的名称不在其中。 */
export const wordsZhCN: Readonly<Record<string, string>> = {
  // JSON 的类型
  null: "空值",
  "a list": "列表",
  "a string": "文本",
  "a number": "数字",
  "a boolean": "布尔值",
  // 模型及其组成部分
  file: "文件",
  checkpoint: "检查点",
  transformer: "扩散模型",
  "text encoder": "文本编码器",
  autoencoder: "VAE",
  tokenizer: "分词器",
  "Z-Image transformer": "Z-Image 扩散模型",
  "Qwen3 text encoder": "Qwen3 文本编码器",
  "autoencoder (VAE)": "VAE 模型",
  "Z-Image ControlNet": "Z-Image ControlNet 模型",
  // 权重的打包形式
  "block-scaled FP8": "按块缩放的 FP8",
  "a codebook": "码本",
  "Nunchaku, GPTQ or AWQ": "Nunchaku、GPTQ 或 AWQ",
  "4-bit": "4 位",
  "INT8 (ConvRot or row-wise)": "INT8（ConvRot 或按行）",
  // 总在汉字之后
  ...afterHan(familiesZhCN),
};
