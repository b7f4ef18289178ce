/** Simplified Chinese for the words of node definitions, by node type and name. */
export interface DefinitionWords {
  readonly title: string;
  readonly description: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly params?: Readonly<
    Record<
      string,
      { readonly label: string; readonly help?: string; readonly options?: Readonly<Record<string, string>> }
    >
  >;
}

export const definitionsZhCN: Readonly<Record<string, DefinitionWords>> = {
  "load-model": {
    title: "加载模型",
    description:
      "打开 Z-Image 模型，给出它的三个部分：负责绘制的扩散模型、读取提示词的文本编码器，以及把潜变量变成图片的 VAE。这里只读取文件头，权重在首次使用时才载入。Heddle 自带一个很小的入门模型，可以立即试用。",
    outputs: { model: "模型", textEncoder: "文本编码器", vae: "VAE" },
    params: { checkpoint: { label: "模型文件", help: "模型文件夹中的模型，或内置的入门模型。" } },
  },
  prompt: {
    title: "提示词",
    description:
      "把文字变成条件，用来引导采样器。请用普通的句子描述：画面中有什么、在哪里、什么光线和风格。最多 512 个词元有效，超出时节点会提示。可再加一个提示词节点写明要避免的内容：适用于基础模型且引导强度大于 1 时。",
    inputs: { textEncoder: "文本编码器" },
    outputs: { conditioning: "条件" },
    params: { text: { label: "提示词" } },
  },
  "image-size": {
    title: "图像尺寸",
    description:
      "选择图片的大小以及一次绘制的张数，并把相应大小的空白潜变量交给采样器。可用预设，或任意 16 的倍数。连接模型后，模型无法绘制的尺寸会换成形状相同的最接近尺寸，并在节点上说明。",
    inputs: { model: "模型" },
    outputs: { latent: "潜变量", width: "宽度", height: "高度" },
    params: {
      preset: {
        label: "尺寸",
        options: {
          square_hd: "方形（高清）",
          square: "方形",
          portrait_4_3: "竖向 4:3",
          portrait_16_9: "竖向 16:9",
          landscape_4_3: "横向 4:3",
          landscape_16_9: "横向 16:9",
          custom: "自定义",
        },
      },
      width: { label: "宽度" },
      height: { label: "高度" },
      batch: { label: "张数", help: "一次运行绘制多少张图片。" },
    },
  },
  sampler: {
    title: "采样器",
    description:
      "负责绘制：从噪声开始，让模型一步步按提示词去除噪声。相同的种子和设置得到相同的图片。Turbo 模型约需 8 步且不用引导（1）；基础模型需 20 到 50 步，引导 3 到 5。连接 VAE 后可以看到图片逐渐出现。",
    inputs: { model: "模型", positive: "正向", negative: "负向", latent: "潜变量", vae: "VAE" },
    outputs: { latent: "潜变量" },
    params: {
      seed: { label: "种子", help: "从哪一份噪声开始。" },
      steps: { label: "步数", help: "步数越多越慢，细节越多，但有上限。" },
      guidance: { label: "引导强度", help: "遵循提示词的程度（CFG）。1 表示关闭，速度快一倍：适合 Turbo 模型。" },
      solver: { label: "求解器", help: "从一个噪声水平到下一个的计算方式。", options: {} },
      schedule: { label: "调度", help: "噪声水平在各步之间的分布。", options: {} },
      denoise: { label: "去噪强度", help: "1 表示从纯噪声开始；更小的值会保留更多潜变量中的画面。" },
    },
  },
  "vae-decode": {
    title: "VAE 解码",
    description: "把采样器得到的潜变量变成图片，边长为其八倍。请使用随模型提供的 VAE。",
    inputs: { latent: "潜变量", vae: "VAE" },
    outputs: { image: "图像" },
  },
  "preview-image": {
    title: "预览图像",
    description: "在节点上显示图片，不保存到输出文件夹。",
    inputs: { image: "图像" },
  },
  "save-image": {
    title: "保存图像",
    description:
      "把图片保存为输出文件夹中的普通文件，从不覆盖已有文件。工作流及其设置会写入文件（除非关闭），打开图片即可恢复工作流。名称中可用 %date%、%time%、%prompt%、%seed%、%width%、%height% 和 %counter%，并可用 / 建立文件夹。",
    inputs: { image: "图像" },
    params: {
      format: { label: "格式", options: { png: "PNG", jpeg: "JPEG", webp: "WebP" } },
      quality: { label: "质量" },
      name: {
        label: "名称",
        help: "%date% %time% %prompt% %seed% %width% %height% %counter%；/ 用于建立文件夹。",
      },
      metadata: { label: "嵌入工作流", help: "把工作流及其设置保存在文件中。分享图片前可以关闭。" },
    },
  },
  note: {
    title: "便签",
    description: "画布上的 Markdown 便签，写给之后打开工作流的人。它不参与运行。",
    params: { text: { label: "文字" } },
  },
};
