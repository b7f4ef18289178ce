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
      "打开 Z-Image 模型，给出它的三个部分：负责绘制的扩散模型、读取提示词的文本编码器，以及把潜变量变成图片的 VAE。这里只读取文件头，权重在首次使用时才加载。Heddle 自带一个很小的入门模型，可以立即试用。",
    outputs: { model: "模型", textEncoder: "文本编码器", vae: "VAE" },
    params: { checkpoint: { label: "模型文件", help: "模型文件夹中的模型，或内置的入门模型。" } },
  },
  prompt: {
    title: "提示词",
    description:
      "把文字变成条件，用来引导采样器。请用普通的句子描述：画面中有什么、在哪里、什么光线和风格。最多 512 个词元有效，超出时节点会提示。(word:1.3)、[word]、BREAK、AND 等权重写法不起作用，节点会说明。可再加一个提示词节点写明要避免的内容：适用于基础模型且引导强度大于 1 时。",
    inputs: { textEncoder: "文本编码器", text: "提示词" },
    outputs: { conditioning: "条件" },
    params: { text: { label: "提示词" } },
  },
  "image-size": {
    title: "图像尺寸",
    description:
      "选择图片的大小以及一次绘制的张数，并把相应大小的空白潜变量交给采样器。可用预设，或任意 16 的倍数。连接模型后，模型无法绘制的尺寸会换成形状相同的最接近尺寸，并在节点上说明。",
    inputs: { model: "模型", width: "宽度", height: "高度" },
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
    inputs: { model: "模型", positive: "正向", negative: "负向", latent: "潜变量", vae: "VAE", seed: "种子" },
    outputs: { latent: "潜变量" },
    params: {
      seed: { label: "种子", help: "从哪一份噪声开始。" },
      steps: { label: "步数", help: "步数越多越慢，细节越多，但有上限。" },
      guidance: { label: "引导强度", help: "遵循提示词的程度（CFG）。1 表示关闭，速度快一倍：适合 Turbo 模型。" },
      solver: { label: "求解器", help: "从一个噪声水平到下一个的计算方式。", options: {} },
      schedule: { label: "调度", help: "噪声水平在各步之间的分布。", options: {} },
      denoise: { label: "去噪强度", help: "1 表示从纯噪声开始；更小的值会保留更多潜变量中的画面。" },
      strengthRule: {
        label: "去噪小于 1 时",
        help: "较小的去噪强度如何影响步数。",
        options: { rescale: "全部步数", truncate: "较少步数" },
      },
      startStep: { label: "起始步", help: "跳过此步之前的步（从 0 计数），用于分段采样。" },
      endStep: { label: "结束步", help: "在此步之前停止；不小于步数时运行到底。" },
      finish: { label: "完成去噪", help: "提前停止时去除剩余噪声。关闭则保留噪声，交给下一个采样器。" },
      addNoise: { label: "添加噪声", help: "潜变量中已有前一个采样器留下的噪声时请关闭。" },
      cfgNormalization: { label: "CFG 归一化", help: "限制引导对对比度的提升，为无引导预测的倍数；0 表示关闭。" },
      cfgTruncation: { label: "CFG 截断", help: "去噪进行到此比例后关闭引导；1 表示始终开启。" },
      batchNoise: {
        label: "批次噪声",
        help: "多张图片的噪声从哪里来。",
        options: { seeds: "各用种子", tensor: "同一种子" },
      },
    },
  },
  "load-diffusion-model": {
    title: "加载扩散模型",
    description:
      "只打开扩散模型：ComfyUI 使用的单个文件（safetensors 或 GGUF），或模型文件夹中的 transformer 文件夹。会检测并显示模型系列以及是否为 Turbo 模型。文本编码器和 VAE 请用各自的节点加载。",
    outputs: { model: "模型" },
    params: { diffusionModel: { label: "扩散模型", help: "diffusion_models 中的文件，或 transformer 文件夹。" } },
  },
  "load-text-encoder": {
    title: "加载文本编码器",
    description:
      "只打开文本编码器：ComfyUI 使用的 Qwen3 单个文件（safetensors 或 GGUF），或模型文件夹中的 text_encoder 文件夹。单个文件的分词器会在其旁边和模型文件夹中查找。",
    outputs: { textEncoder: "文本编码器" },
    params: { textEncoder: { label: "文本编码器", help: "text_encoders 中的文件，或 text_encoder 文件夹。" } },
  },
  "load-vae": {
    title: "加载 VAE",
    description: "只打开 VAE，它在图片与潜变量之间转换：单个文件（例如 ae.safetensors），或模型文件夹中的 vae 文件夹。",
    outputs: { vae: "VAE" },
    params: { vae: { label: "VAE", help: "vae 中的文件，或 vae 文件夹。" } },
  },
  "load-lora": {
    title: "加载 LoRA",
    description:
      "用 LoRA 改变模型：一个小文件，带来某种风格、人物或物品。节点会说明应用了文件中的多少个键、列出其余的键，并显示文件中写明的触发词。更改权重不会重新加载模型。可以串联多个，或使用 LoRA 组合。",
    inputs: { model: "模型", textEncoder: "文本编码器" },
    outputs: { model: "模型", textEncoder: "文本编码器" },
    params: {
      lora: { label: "LoRA", help: "loras 中的文件，或入门模型自带的 LoRA。" },
      weight: { label: "权重", help: "1 为训练时的强度，0 关闭，小于 0 则相反。" },
      enabled: { label: "启用", help: "关闭时原样传递模型。" },
    },
  },
  "lora-stack": {
    title: "LoRA 组合",
    description:
      "同时用任意多个 LoRA 改变模型，每个都有权重和开关。合在一起的开销与一个相差不多，更改列表或权重不会重新加载模型。节点会说明每个 LoRA 应用了多少个键。",
    inputs: { model: "模型", textEncoder: "文本编码器" },
    outputs: { model: "模型", textEncoder: "文本编码器" },
    params: { loras: { label: "LoRA 列表", help: "1 为训练时的强度，0 关闭，小于 0 则相反。" } },
  },
  "load-controlnet": {
    title: "加载 ControlNet",
    description:
      "打开 Z-Image 的 ControlNet（例如 Union 系列），它用边缘、深度、姿态或线稿来控制画面布局。请与用于控制的图片一起接到“应用 ControlNet”。",
    outputs: { controlNet: "ControlNet" },
    params: {
      controlNet: { label: "ControlNet", help: "controlnet 或 model_patches 中的文件，或 diffusers 文件夹。" },
    },
  },
  "refine-faces": {
    title: "面部细化",
    description:
      "用检测器找出图片中的面部（或检测器能找到的其他物体），裁出并放大每一处，以其自己的步数、强度、引导和提示词重新绘制，再柔和地贴回原处。其余部分保持不变。检测器是 ONNX 格式的 Ultralytics YOLO 模型，放在模型文件夹的 detectors 中。",
    inputs: { image: "图像", model: "模型", vae: "VAE", positive: "正向", negative: "负向", seed: "种子" },
    outputs: { image: "图像", mask: "蒙版", count: "数量" },
    params: {
      detector: { label: "检测器", help: "模型文件夹的 detectors 中的 ONNX 文件，例如 face_yolov8n.onnx。" },
      confidence: { label: "置信度", help: "低于此值的检测结果不采用。" },
      positivePrompt: { label: "提示词", help: "面部应有的样子；留空则使用连接的正向条件。" },
      negativePrompt: { label: "负向提示词", help: "要避免的内容，引导大于 1 时有效；留空则使用连接的负向条件。" },
      seed: { label: "种子", help: "第一处面部的噪声；之后每处面部和每张图片依次加 1。" },
      steps: { label: "步数", help: "只执行其中与强度相应的部分。" },
      guidance: { label: "引导强度", help: "遵循提示词的程度（CFG）。1 表示关闭：适合 Turbo 模型。" },
      strength: { label: "强度", help: "0 表示不变，1 表示完全重新绘制。" },
      inpaintSize: { label: "绘制尺寸", help: "裁出部分较长边在绘制时的大小；原大小的 2 到 4 倍适合多数面部。" },
      maskPadding: { label: "边距", help: "在检测框四周多绘制的宽度。" },
      maskBlur: { label: "羽化", help: "绘制部分与周围过渡的柔和程度。" },
      context: { label: "周围", help: "模型在绘制部分四周还能看到的宽度，这部分不会改变。" },
      most: { label: "最多", help: "每张图片细化多少处，较大的优先；0 表示全部。" },
      solver: { label: "求解器", help: "从一个噪声水平到下一个的计算方式。", options: {} },
      schedule: { label: "调度", help: "噪声水平在各步之间的分布。", options: {} },
    },
  },
  "preprocess-with-model": {
    title: "模型预处理",
    description:
      "用你自己的 ONNX 模型把图片变成 ControlNet 的提示图：深度、姿态、线稿或其他图进图出的模型。旁边的 JSON 文件可说明尺寸、归一化和数值范围；没有时会尽量推断。结果与原图一样大，请连接到应用 ControlNet。",
    inputs: { image: "图像" },
    outputs: { image: "图像" },
    params: {
      preprocessor: { label: "模型", help: "模型文件夹的 preprocessors 中的 ONNX 文件。" },
      resolution: { label: "分辨率", help: "图片较短边在模型中的大小；固定尺寸的模型使用自己的尺寸。" },
      invert: { label: "反转", help: "明暗对调，例如近处应为亮色时。" },
    },
  },
  "expand-prompt": {
    title: "扩写提示词",
    description:
      "用文本编码器本身把简短的提示词写成详细的描述：完整的 Z-Image 模型的文本编码器是一个语言模型（Qwen3）。写作过程可在节点上看到，相同的种子得到相同的文字。请连接到提示词节点的文本。入门模型的编码器不会写作，可改用通配符或文本模板。",
    inputs: { textEncoder: "文本编码器", text: "提示词", seed: "种子" },
    outputs: { text: "文本" },
    params: {
      text: { label: "提示词", help: "要扩写的内容。" },
      enabled: { label: "开启", help: "关闭时原样传递提示词。" },
      seed: { label: "种子", help: "相同的种子得到相同的文字。" },
      instruction: { label: "指令", help: "告诉语言模型该怎么做。" },
      maxTokens: { label: "长度上限", help: "最多写多少个词元；提示词节点读取 512 个。" },
      temperature: { label: "温度", help: "越高越自由；0 总是取最可能的词。" },
      topP: { label: "Top-p", help: "只取合计达到此概率的最可能的词；1 表示全部。" },
      topK: { label: "Top-k", help: "只取这么多个最可能的词；0 表示全部。" },
      repetitionPenalty: { label: "重复惩罚", help: "大于 1 时，已出现的词更少再次出现。" },
    },
  },
  "safety-check": {
    title: "安全检查",
    description:
      "用你选择的分类器检查图片，把不宜展示的图片模糊、涂黑或仅作标记。任何 ONNX 图像分类器都可以；旁边的 JSON 文件说明它的标签，以及哪些标签达到多少分算不安全。请放在 VAE 解码和保存图像之间。图片不会离开你的电脑。",
    inputs: { image: "图像" },
    outputs: { image: "图像", hasNsfwConcepts: "有不安全内容", report: "报告" },
    params: {
      check: { label: "检查", options: { default: "按工作流的设置", on: "开启", off: "关闭" } },
      action: { label: "不安全的图片", options: { blur: "模糊", block: "涂黑", pass: "仅标记" } },
      classifier: { label: "分类器", help: "模型文件夹的 classifiers 中的 ONNX 文件，旁边有标签的 JSON 文件。" },
    },
  },
  "apply-controlnet": {
    title: "应用 ControlNet",
    description:
      "让一张图片（边缘、深度、姿态、线稿）通过 ControlNet 控制画面布局。强度决定遵循程度，负值则远离它；开始和结束决定在哪一段步数中生效；模式决定两者冲突时以提示词还是 ControlNet 为准。可以串联多个以同时使用。",
    inputs: { model: "模型", controlNet: "ControlNet", image: "图像", vae: "VAE" },
    outputs: { model: "模型" },
    params: {
      strength: { label: "强度", help: "0 表示关闭，通常约为 0.75；负值表示远离。" },
      mode: {
        label: "模式",
        help: "提示词和 ControlNet 以谁为主。",
        options: { balanced: "平衡", prompt: "提示词", control: "ControlNet" },
      },
      range: { label: "开始和结束的单位", options: { share: "步数比例", steps: "步数" } },
      start: { label: "开始", help: "步数进行到此比例之前不生效。" },
      end: { label: "结束", help: "步数进行到此比例之后不再生效。" },
      startStep: { label: "起始步", help: "开始生效的步，0 为第一步。" },
      endStep: { label: "结束步", help: "在此步之前停止；不小于步数时到最后。" },
    },
  },
  "model-sampling": {
    title: "模型采样",
    description:
      "替换模型的 sigma 偏移，它决定采样在高噪声水平停留多久。偏移越大，越多的步数用于布局；越小则越多用于细节。图片越大越需要较大的偏移。每个模型都有自己的偏移，此节点用于试验。",
    inputs: { model: "模型" },
    outputs: { model: "模型" },
    params: {
      fromSize: { label: "按尺寸偏移", help: "根据图片大小计算偏移：越大越高。" },
      shift: { label: "偏移", help: "1 不改变，Z-Image Turbo 为 3，基础模型为 6。" },
    },
  },
  "lora-file": {
    title: "LoRA 文件",
    description:
      "打开一个 LoRA 而不应用它，用于 LoRA 实验室：与其他 LoRA 合并、缩小、查看内部，或按块、按步应用。只想使用 LoRA 时，请用“加载 LoRA”或“LoRA 组合”。",
    outputs: { lora: "LoRA" },
    params: { lora: { label: "LoRA", help: "loras 中的文件，或入门模型自带的文件。" } },
  },
  "merge-loras": {
    title: "合并 LoRA",
    description:
      "把最多四个 LoRA 合为一个；更多时可以合并已合并的。“求和”与 LoRA 组合相同；“平均”与一个同样强；TIES 让每个 LoRA 只保留最大的改动，并解决相互矛盾之处：当多个 LoRA 一起破坏画面时（Turbo 模型常见）使用。",
    inputs: { lora1: "LoRA 1", lora2: "LoRA 2", lora3: "LoRA 3", lora4: "LoRA 4" },
    outputs: { lora: "LoRA" },
    params: {
      method: {
        label: "方法",
        help: "同一层的改动如何处理。",
        options: { sum: "求和", average: "平均", ties: "TIES" },
      },
      weight1: { label: "权重 1" },
      weight2: { label: "权重 2" },
      weight3: { label: "权重 3" },
      weight4: { label: "权重 4" },
      density: { label: "密度", help: "每个 LoRA 的改动中计入的比例，取最大的部分。" },
      rank: { label: "秩", help: "合并后的改动降到此秩，保留其中重要的部分。0 为完整保留：精确，但与模型本身一样大。" },
    },
  },
  "resize-lora": {
    title: "缩放 LoRA",
    description:
      "用奇异值分解把 LoRA 降到更小的秩，保留其中最重要的部分：文件更小，每步更快。也能把不是低秩矩阵对的形式（LoKr、LoHa、DoRA、完整差值）变成低秩。检查器会显示剩下多少。",
    inputs: { lora: "LoRA" },
    outputs: { lora: "LoRA" },
    params: {
      rank: { label: "秩", help: "每层最多保留这么多。" },
      energy: { label: "能量", help: "每层只保留达到此平方变化比例所需的部分；1 为保留整个秩。" },
    },
  },
  "apply-lora": {
    title: "应用 LoRA",
    description:
      "把 LoRA 实验室中的 LoRA 应用到模型，可为模型的各个块设置权重，并让权重随步数变化：只要布局不要风格、只在最后几步加风格、不改变人脸。改变权重不会重新加载。可串联多个使用。",
    inputs: { model: "模型", lora: "LoRA" },
    outputs: { model: "模型" },
    params: {
      weight: { label: "权重", help: "1 为训练时的强度，0 为关闭，负值为相反。" },
      blocks: {
        label: "块权重",
        help: "模型各部分的权重系数，每行一条；以最后一条符合的为准。layers 0-9: 0.5，layers 20: 0，attention: 1，feed_forward: 0，noise_refiner: 0。",
      },
      schedule: {
        label: "随步变化",
        help: "权重系数随步数的变化：已完成的步数比例（0 到 1）、冒号、系数，中间为线性。0: 1, 0.5: 0 表示到一半时淡出。",
      },
    },
  },
  "save-lora": {
    title: "保存 LoRA",
    description:
      "把 LoRA 实验室中的 LoRA 作为新的 safetensors 文件写入模型文件夹的 loras 中，使用 diffusers、ComfyUI 和 Heddle 都能读取的名称。从不覆盖：名称已存在时会加上编号。需要模型以知道各层的名称。",
    inputs: { lora: "LoRA", model: "模型" },
    params: {
      name: { label: "文件名", help: "位于 loras 之下，不带扩展名；可用 / 表示文件夹。" },
      type: { label: "数值格式", options: { BF16: "BF16", F16: "F16", F32: "F32" } },
    },
  },
  "inspect-lora": {
    title: "检查 LoRA",
    description:
      "查看 LoRA 的内部：格式、秩和 alpha，模型接受了多少键、不接受哪些，改变了哪些层，以及在每个块中的强度。显示在节点上，也以文字给出。在终端中可用 heddle inspect。",
    inputs: { lora: "LoRA", model: "模型" },
    outputs: { text: "报告" },
  },
  accelerate: {
    title: "加速",
    description:
      "省去结果与上一步相近的模型块，从而加快绘制。“常规”几乎看不出差别，“高”会改变细节。采样器会说明省去了多少次块运算。步数越多，节省越多：20 步以上最明显，8 步有一些，4 步几乎没有。",
    inputs: { model: "模型" },
    outputs: { model: "模型" },
    params: {
      preset: {
        label: "加速",
        help: "为了速度，图片可以改变多少。",
        options: { none: "无", regular: "常规", high: "高", custom: "自定义" },
      },
      method: {
        label: "方法",
        help: "依据什么判断可以省去。",
        options: { "first-block": "First Block Cache", tea: "TeaCache", "dual-block": "DBCache" },
      },
      firstBlockThreshold: { label: "阈值", help: "相对变化低于此值时省去：越高越快，越低越接近原图。" },
      teaDistance: { label: "距离", help: "变化累计到此值后重新运行所有块：越高越快，越低越接近原图。" },
      dualBlockThreshold: { label: "阈值", help: "相对变化低于此值时省去：越高越快，越低越接近原图。" },
      skipInterval: { label: "跳过间隔", help: "最多省去这么多步，然后所有块运行一次以更新记忆。" },
      firstBlocks: { label: "开头的块", help: "开头总要运行的块数；0 约为四分之一。" },
      lastBlocks: { label: "末尾的块", help: "末尾总要运行的块数。" },
      maxConsecutive: { label: "最多连续", help: "最多连续多少步可以省去。" },
      range: { label: "开始和结束的单位", options: { percent: "步数百分比", steps: "步" } },
      startPercent: { label: "开始", help: "在这部分步数之前运行所有块。" },
      endPercent: { label: "结束", help: "在这部分步数之后运行所有块。" },
      startStep: { label: "起始步", help: "在此步之前运行所有块，从 0 数起。" },
      endStep: { label: "结束步", help: "从此步起运行所有块；不小于步数时到最后。" },
    },
  },
  "seamless-tiling": {
    title: "无缝平铺",
    description:
      "绘制在对侧延续的图片，用于图案、纹理和全景。放在模型和 VAE 之后，并把两者交给后面的所有节点。对模型来说图片首尾相接、没有边缘；VAE 在边缘处看到的是对侧。用“重复图像”查看是否接得上。",
    inputs: { model: "模型", vae: "VAE" },
    outputs: { model: "模型", vae: "VAE" },
    params: {
      mode: {
        label: "边",
        help: "哪些边延续到对侧。",
        options: { both: "四边", horizontal: "左右", vertical: "上下", none: "无" },
      },
      tileSize: {
        label: "块大小",
        help: "模型一次绘制的最大部分，以潜变量像素计：128 为 1024 像素。更大的图片分成若干越过边缘的重叠部分绘制。",
      },
      tileStride: {
        label: "块间距",
        help: "用于比块更大的图片：相邻部分之间的距离，以潜变量像素计。越小越平滑，也越慢。",
      },
    },
  },
  "repeat-image": {
    title: "重复图像",
    description: "把图片像铺地砖一样并排重复多次：用来查看无缝图片是否有接缝。",
    inputs: { image: "图像" },
    outputs: { image: "图像" },
    params: { columns: { label: "列数" }, rows: { label: "行数" } },
  },
  "conditioning-zero": {
    title: "条件置零",
    description: "去掉条件的含义：所有特征变为 0，长度不变。用作训练时没有负向提示词的模型的负向条件。",
    inputs: { conditioning: "条件" },
    outputs: { conditioning: "条件" },
  },
  "conditioning-average": {
    title: "条件平均",
    description:
      "按词元混合两个提示词的含义：1 全为第一个，0 全为第二个，中间为两者的混合。结果与第一个提示词等长，较长的第二个会被截去末尾。",
    inputs: { first: "第一个", second: "第二个" },
    outputs: { conditioning: "条件" },
    params: { share: { label: "第一个的比例" } },
  },
  "conditioning-combine": {
    title: "合并条件",
    description:
      "同时朝两个提示词的方向绘制：模型在每一步分别对它们作出预测，再取平均。每多合并一个提示词，就多花一个提示词的时间。",
    inputs: { first: "第一个", second: "第二个" },
    outputs: { conditioning: "条件" },
  },
  "vae-decode": {
    title: "VAE 解码",
    description: "把采样器得到的潜变量变成图片，边长为其八倍。请使用随模型提供的 VAE。",
    inputs: { latent: "潜变量", vae: "VAE" },
    outputs: { image: "图像" },
  },
  "vae-encode": {
    title: "VAE 编码",
    description:
      "把图片变成潜变量，采样器可以由此继续：去噪强度小于 1 时，越小保留的原图越多，为 0 时全部保留。连接蒙版后只重绘蒙版区域，其余保留。图片的边长必须是 16 的倍数，可用“调整图像大小”处理。",
    inputs: { image: "图像", vae: "VAE", mask: "蒙版" },
    outputs: { latent: "潜变量" },
    params: {
      maskRule: {
        label: "蒙版的灰色",
        help: "蒙版灰色处的含义；白色总是重新绘制，黑色总是保留。",
        options: { cut: "全有或全无", differential: "强度" },
      },

      copies: { label: "张数", help: "由每张图片绘制多少张。" },
      sample: { label: "随机采样", help: "像 diffusers 那样取 VAE 分布的随机样本，而不是均值。" },
      seed: { label: "种子" },
    },
  },
  "set-mask": {
    title: "设置蒙版",
    description:
      "给潜变量加上蒙版：之后的采样器重绘白色区域，其余部分逐步保留。蒙版会对齐到 8 像素的潜变量网格。要让其余部分与原图逐像素一致，请用“图像合成”把结果放回原图。",
    inputs: { latent: "潜变量", mask: "蒙版" },
    outputs: { latent: "潜变量" },
    params: {
      maskRule: {
        label: "蒙版的灰色",
        help: "蒙版灰色处的含义；白色总是重新绘制，黑色总是保留。",
        options: { cut: "全有或全无", differential: "强度" },
      },
    },
  },
  "resize-image": {
    title: "调整图像大小",
    description:
      "把图片变为模型能绘制的尺寸（16 的倍数）。填满会裁去多余部分，适应会加边条，拉伸会变形，保持形状则尽量接近该尺寸。连接的蒙版会同样处理；没有蒙版时，输出的蒙版标出边条。",
    inputs: { image: "图像", mask: "蒙版", width: "宽度", height: "高度" },
    outputs: { image: "图像", mask: "蒙版", width: "宽度", height: "高度" },
    params: {
      width: { label: "宽度" },
      height: { label: "高度" },
      mode: { label: "方式", options: { fill: "填满", fit: "适应", stretch: "拉伸", inside: "保持形状" } },
      position: {
        label: "保留",
        help: "裁剪时保留图片的哪一部分，或图片在边条之间的位置。",
        options: { centre: "中间", top: "上方", bottom: "下方", left: "左侧", right: "右侧" },
      },
      bars: { label: "边条", options: { black: "黑色", white: "白色", grey: "灰色" } },
    },
  },
  "crop-image": {
    title: "裁剪图像",
    description: "从图片中剪出一个矩形，连接的蒙版也一并裁剪。超出边缘的部分会舍去，并在节点上说明。",
    inputs: { image: "图像", mask: "蒙版" },
    outputs: { image: "图像", mask: "蒙版" },
    params: {
      left: { label: "左" },
      top: { label: "上" },
      width: { label: "宽度" },
      height: { label: "高度" },
    },
  },
  "crop-to-mask": {
    title: "按蒙版裁剪",
    description:
      "剪出图片的蒙版区域及其周围的一部分，让很小的区域也能以模型的完整尺寸重绘。用“调整图像大小”放大后重绘，再恢复到它的宽高，并用“图像合成”放回原处。",
    inputs: { image: "图像", mask: "蒙版" },
    outputs: { image: "图像", mask: "蒙版", left: "左", top: "上", width: "宽度", height: "高度" },
    params: { margin: { label: "边距", help: "模型能看到蒙版区域周围多少内容。" } },
  },
  "pad-image": {
    title: "扩展图像",
    description:
      "向任意一侧扩大图片，用于外扩绘制：蒙版标出新的部分，经 VAE 编码后由采样器绘制。羽化让新的部分柔和地伸入原图，不留接缝。请让结果的边长保持为 16 的倍数。",
    inputs: { image: "图像" },
    outputs: { image: "图像", mask: "蒙版", width: "宽度", height: "高度" },
    params: {
      left: { label: "左" },
      top: { label: "上" },
      right: { label: "右" },
      bottom: { label: "下" },
      feather: { label: "羽化", help: "蒙版伸入图片并逐渐消失的距离。" },
      fill: {
        label: "填充",
        help: "新的部分在绘制之前的内容。",
        options: { edges: "延伸边缘", mirror: "镜像图片", grey: "灰色" },
      },
    },
  },
  "paint-mask": {
    title: "绘制蒙版",
    description:
      "手绘的蒙版：白色处重新绘制，黑色处保留，灰色越深改动越少。连接图片时蒙版采用其大小。也可以把其他程序制作的蒙版拖放到这里，透明部分视为黑色。",
    inputs: { image: "图像" },
    outputs: { mask: "蒙版" },
    params: { mask: { label: "蒙版", help: "需要重新绘制的位置。未绘制时全部保留。" } },
  },
  "shape-mask": {
    title: "形状蒙版",
    description: "生成带有白色矩形或椭圆的蒙版。连接图片时采用其大小，否则在此设置大小。超出边缘的部分会舍去。",
    inputs: { image: "图像" },
    outputs: { mask: "蒙版" },
    params: {
      shape: { label: "形状", options: { rectangle: "矩形", ellipse: "椭圆" } },
      left: { label: "左" },
      top: { label: "上" },
      width: { label: "宽度" },
      height: { label: "高度" },
      maskWidth: { label: "蒙版宽度", help: "未连接图片时使用。" },
      maskHeight: { label: "蒙版高度", help: "未连接图片时使用。" },
    },
  },
  "image-to-mask": {
    title: "图像转蒙版",
    description:
      "由图片生成蒙版：在明亮处、某一通道较强处或接近某种颜色处为白色。启用阈值时每个像素非黑即白，否则蒙版随图片呈灰度。有多张图片时取第一张。",
    inputs: { image: "图像" },
    outputs: { mask: "蒙版" },
    params: {
      source: {
        label: "白色区域",
        options: { brightness: "明亮", red: "红色通道", green: "绿色通道", blue: "蓝色通道", color: "接近某种颜色" },
      },
      color: { label: "颜色", help: "写作 #rrggbb。" },
      tolerance: { label: "容差", help: "各通道与该颜色的最大差距，以 1 为满。" },
      cut: { label: "阈值" },
      threshold: { label: "起点", help: "从此值起算入。" },
    },
  },
  "mask-to-image": {
    title: "蒙版转图像",
    description: "把蒙版变成灰度图片，以便查看、保存或当作图片处理。",
    inputs: { mask: "蒙版" },
    outputs: { image: "图像" },
  },
  "adjust-mask": {
    title: "调整蒙版",
    description:
      "依次反转蒙版、扩大或缩小白色区域、柔化边缘。略微扩大蒙版能给重绘的内容留出空间；把结果放回原图时，柔和的边缘可隐藏接缝。",
    inputs: { mask: "蒙版" },
    outputs: { mask: "蒙版" },
    params: {
      invert: { label: "反转" },
      grow: { label: "扩展", help: "边缘向外移动的像素数，小于 0 则向内。" },
      blur: { label: "模糊", help: "边缘柔化的距离。" },
    },
  },
  "combine-masks": {
    title: "合并蒙版",
    description:
      "由两个蒙版得到一个：任一包含、两者都包含，或在第一个而不在第二个中的区域。大小不同时，第二个会调整为第一个的大小。",
    inputs: { first: "第一个", second: "第二个" },
    outputs: { mask: "蒙版" },
    params: {
      operation: { label: "保留", options: { either: "任一", both: "两者", difference: "第一个减去第二个" } },
    },
  },
  "load-image": {
    title: "加载图像",
    description:
      "把你的图片带入工作流：选择、拖入或粘贴。可读取 PNG、JPEG、WebP、GIF（第一帧）、TIFF 和 AVIF，并按相机记录的方向旋转。蒙版把图片的透明部分标为需要重绘的区域。工作流只保存图片的哈希值，因此无法访问其他文件。",
    outputs: { image: "图像", mask: "蒙版", width: "宽度", height: "高度" },
    params: { image: { label: "图片" } },
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
  "composite-image": {
    title: "图像合成",
    description:
      "把一张图片按位置、蒙版和混合模式叠到另一张上。超出底图的部分会被裁掉，未被覆盖的底图像素保持不变。两个批次按顺序配对，较短的批次循环使用。",
    inputs: { base: "底图", overlay: "叠加图", mask: "蒙版", x: "X", y: "Y" },
    outputs: { image: "图像" },
    params: {
      x: { label: "X", help: "叠加图左边缘的位置；小于 0 时超出底图。" },
      y: { label: "Y", help: "叠加图上边缘的位置；小于 0 时超出底图。" },
      blend: {
        label: "混合模式",
        help: "两张图片的颜色如何结合。",
        options: {
          over: "正常",
          multiply: "正片叠底",
          screen: "滤色",
          overlay: "叠加",
          darken: "变暗",
          lighten: "变亮",
          "hard-light": "强光",
          "soft-light": "柔光",
          difference: "差值",
          exclusion: "排除",
          add: "相加",
        },
      },
      opacity: { label: "不透明度" },
    },
  },
  "blur-image": {
    title: "模糊图像",
    description: "用给定半径的高斯函数模糊图片：使画面柔和、去除噪点，或为 ControlNet 准备提示图。半径为 0 时不变。",
    inputs: { image: "图像" },
    outputs: { image: "图像" },
    params: { radius: { label: "半径", help: "高斯函数的标准差。" } },
  },
  "sharpen-image": {
    title: "锐化图像",
    description:
      "用 USM 锐化图片：把图片与其模糊版本的差加回图片。小半径突出细节，大半径增强局部对比；数量为 0 时不变。",
    inputs: { image: "图像" },
    outputs: { image: "图像" },
    params: { radius: { label: "半径" }, amount: { label: "数量", help: "加回多少差值。" } },
  },
  "adjust-colours": {
    title: "调整颜色",
    description:
      "改变图片的亮度、对比度、饱和度、色相和伽马，含义与同名 CSS 滤镜相同。先应用伽马，再应用亮度和对比度，最后是饱和度和色相；默认值不改变图片。饱和度为 0 得到灰度图。",
    inputs: { image: "图像" },
    outputs: { image: "图像" },
    params: {
      brightness: { label: "亮度", help: "0 为黑色，1 不变。" },
      contrast: { label: "对比度", help: "0 为均匀的灰色，1 不变。" },
      saturation: { label: "饱和度", help: "0 为灰度，1 不变。" },
      hue: { label: "色相", help: "所有颜色在色轮上转动的角度。" },
      gamma: { label: "伽马", help: "大于 1 提亮中间调，小于 1 压暗。" },
    },
  },
  "split-channels": {
    title: "拆分通道",
    description: "把图片拆成红、绿、蓝三个通道，每个都是同样大小的灰度图。可用“合并通道”按原顺序或其他顺序重新组合。",
    inputs: { image: "图像" },
    outputs: { red: "红", green: "绿", blue: "蓝" },
  },
  "merge-channels": {
    title: "合并通道",
    description:
      "用三张灰度图组成彩色图片：它们的亮度分别成为红、绿、蓝通道。三者大小必须相同；批次按顺序配对，较短的循环使用。",
    inputs: { red: "红", green: "绿", blue: "蓝" },
    outputs: { image: "图像" },
  },
  "extract-channel": {
    title: "提取通道",
    description:
      "取出图片的一个通道：某种颜色、明度，或 HSV 的饱和度、亮度。结果为灰度图，并把第一张图片作为蒙版输出，可用于重绘或叠加明亮或鲜艳的区域。",
    inputs: { image: "图像" },
    outputs: { image: "图像", mask: "蒙版" },
    params: {
      channel: {
        label: "通道",
        options: { red: "红", green: "绿", blue: "蓝", luminance: "明度", saturation: "饱和度", value: "亮度" },
      },
    },
  },
  "invert-image": {
    title: "反相",
    description: "把图片变为负片：每个像素的每个通道变为 255 减去原值。反相两次得到原图。",
    inputs: { image: "图像" },
    outputs: { image: "图像" },
  },
  "rotate-image": {
    title: "旋转或翻转图像",
    description: "把图片旋转四分之一圈的倍数或镜像，没有损失：像素值不变，只改变位置。",
    inputs: { image: "图像" },
    outputs: { image: "图像" },
    params: {
      turn: {
        label: "方向",
        options: {
          right: "向右 90°",
          half: "180°",
          left: "向左 90°",
          horizontal: "左右翻转",
          vertical: "上下翻转",
        },
      },
    },
  },
  "preprocess-control": {
    title: "控制预处理",
    description:
      "用不需要模型的方法，从普通图片得到 ControlNet 读取的提示图：Canny 边缘、线稿、模糊、粗略图块、灰度，或把深色线条的提示图反相。请把结果接到“应用 ControlNet”。",
    inputs: { image: "图像" },
    outputs: { image: "图像" },
    params: {
      method: {
        label: "方法",
        options: {
          canny: "Canny 边缘",
          "line-art": "线稿",
          blur: "模糊",
          tile: "图块",
          greyscale: "灰度",
          inverted: "反相",
        },
      },
      low: { label: "低阈值", help: "比它弱的边缘会被去掉。" },
      high: { label: "高阈值", help: "不弱于它的边缘总会显示；较弱的只有与之相连才显示。" },
      smoothing: { label: "平滑", help: "寻找边缘之前先模糊，以抑制噪点和纹理。" },
      radius: { label: "半径", help: "模糊的范围；对线稿则是线条可以有多宽。" },
      factor: { label: "倍数", help: "图片缩小多少倍后再放大。" },
    },
  },
  "combine-images": {
    title: "合并图像批次",
    description:
      "把来自几处的图片按顺序放进一个批次：先第一组，再第二组，依此类推。大小可以不同；需要同样大小的节点会说明。",
    inputs: { first: "第一组", second: "第二组", third: "第三组", fourth: "第四组" },
    outputs: { image: "图像" },
  },
  "pick-image": {
    title: "选取图像",
    description: "从批次中取出一张或连续几张图片。从 1 开始计数；负数从末尾计数，-1 为最后一张。",
    inputs: { image: "图像", position: "位置" },
    outputs: { image: "图像" },
    params: {
      position: { label: "位置", help: "1 为第一张，-1 为最后一张。" },
      count: { label: "张数", help: "从该位置起取多少张。" },
    },
  },
  "image-grid": {
    title: "联系表",
    description: "把批次中的所有图片按行列排在一张大图上，下方标注编号、种子或自定义文字。较小的图片位于格子中央。",
    inputs: { image: "图像", labelText: "标注文字" },
    outputs: { image: "图像" },
    params: {
      columns: { label: "列数", help: "0 表示自动，使整张图接近正方形。" },
      labels: { label: "标注", options: { none: "无", number: "编号", seed: "种子", text: "自定义文字" } },
      labelText: { label: "标注文字", help: "每张图片一行。" },
      fontSize: { label: "字高" },
      gap: { label: "间距" },
      background: { label: "背景", help: "六位十六进制颜色：#202024。" },
    },
  },
  "compare-images": {
    title: "比较图像",
    description:
      "在节点上显示两张图片，中间有滑块；大小相同时说明它们相差多少：像素的平均差（RMSE，0 到 255）和 PSNR。并排的图片也可以输出并保存。",
    inputs: { first: "第一张", second: "第二张" },
    outputs: { image: "图像" },
    params: { gap: { label: "间距" } },
  },
  "size-from-image": {
    title: "读取图像尺寸",
    description:
      "读取图片的大小：以数字给出，并给采样器一个同样大小的空白潜变量（16 的倍数）。连接模型后，模型无法绘制的尺寸会换成形状相同的最接近尺寸，并在节点上说明。",
    inputs: { image: "图像", model: "模型" },
    outputs: { width: "宽度", height: "高度", pictures: "张数", latent: "潜变量" },
    params: { batch: { label: "张数", help: "一次运行绘制多少张图片。" } },
  },
  text: {
    title: "文本",
    description: "一段可以同时用在多处的文字：多张图片的提示词、联系表的标注，或较长提示词的一部分。",
    outputs: { value: "值" },
    params: { text: { label: "文字" } },
  },
  number: {
    title: "数字",
    description: "可以同时用在多处的数字：连接到所有需要它的输入，只在这里修改。",
    outputs: { value: "值" },
    params: { value: { label: "值" } },
  },
  integer: {
    title: "整数",
    description: "可以同时用在多处的整数：连接到所有需要它的输入，只在这里修改。",
    outputs: { value: "值" },
    params: { value: { label: "值" } },
  },
  boolean: {
    title: "开关值",
    description: "可以同时用在多处的开或关：连接到所有要跟随它的“切换”节点，只在这里修改。",
    outputs: { value: "值" },
    params: { value: { label: "值" } },
  },
  seed: {
    title: "种子",
    description: "0 到 9223372036854775807 之间的精确种子，可以同时用在多处：多个采样器的噪声，以及通配符的选择。",
    outputs: { value: "值" },
    params: { seed: { label: "种子" } },
  },
  maths: {
    title: "数学",
    description:
      "计算含有数字 a、b、c、d 的表达式：+ - * / % **、比较、&& || !、条件 ? x : y、pi、e，以及 abs、sign、min、max、clamp、floor、ceil、round、trunc、sqrt、cbrt、hypot、exp、log、log2、log10、pow、sin、cos、tan、asin、acos、atan、atan2 等函数。真为 1，假为 0。例如：round(a * 1.5 / 16) * 16。",
    inputs: { a: "a", b: "b", c: "c", d: "d" },
    outputs: { number: "数字", integer: "取整", boolean: "不为零" },
    params: {
      expression: { label: "表达式" },
      a: { label: "a" },
      b: { label: "b" },
      c: { label: "c" },
      d: { label: "d" },
    },
  },
  "join-text": {
    title: "连接文本",
    description: "用分隔符把几段文字连在一起。没有连接或为空的部分会被略去，不会留下多余的分隔符。",
    inputs: { a: "a", b: "b", c: "c", d: "d" },
    outputs: { text: "文字" },
    params: { separator: { label: "分隔符", help: "\\n 表示换行。" } },
  },
  "replace-text": {
    title: "替换文本",
    description: "把文字中出现的每一处内容换成另一段文字。查找按字面进行；没有查找内容时文字保持不变。",
    inputs: { text: "文字", find: "查找", replacement: "替换为" },
    outputs: { text: "文字" },
    params: {
      find: { label: "查找" },
      replacement: { label: "替换为" },
      ignoreCase: { label: "忽略大小写" },
    },
  },
  "text-template": {
    title: "文本模板",
    description:
      "把值填入文字：{{a}}、{{b}}、{{c}}、{{d}} 会换成连接到相应输入的文字、数字或开关值。其他名称的花括号保持不变。",
    inputs: { a: "a", b: "b", c: "c", d: "d", template: "模板" },
    outputs: { text: "文字" },
    params: { template: { label: "模板" } },
  },
  wildcards: {
    title: "通配符",
    description:
      "带有选择的提示词：{red|green|blue} 会变成其中之一，{2::a|b} 选 a 的机会是两倍，选择可以嵌套，__animals__ 会变成 Heddle 主文件夹下 wildcards 文件夹中 animals.txt 的一行。相同的种子得到相同的文字；请连接到提示词的文字输入。",
    inputs: { text: "文字", seed: "种子" },
    outputs: { text: "文字" },
    params: { text: { label: "文字" }, seed: { label: "种子", help: "决定选中哪些选项。" } },
  },
  switch: {
    title: "切换",
    description:
      "传递两个值中的一个，不论是什么：打开时传第一个，关闭时传第二个。两边都连接时都会计算；把一边的节点静音可以节省时间。",
    inputs: { whenOn: "打开时", whenOff: "关闭时", on: "打开" },
    outputs: { value: "值" },
    params: { on: { label: "打开" } },
  },
  "pick-input": {
    title: "选择输入",
    description:
      "按编号传递最多六个值中的一个，不论是什么：1 为第一个输入。连接的都会计算；把某个输入的节点静音可以节省时间。",
    inputs: {
      first: "1",
      second: "2",
      third: "3",
      fourth: "4",
      fifth: "5",
      sixth: "6",
      position: "编号",
    },
    outputs: { value: "值" },
    params: { position: { label: "编号", help: "传递哪个输入。" } },
  },
  reroute: {
    title: "转接",
    description: "原样传递收到的值：让连线绕过其他节点的转折点，或让多条连线从一处出发。",
    inputs: { value: "值" },
    outputs: { value: "值" },
  },
  "upscale-image": {
    title: "放大图像",
    description:
      "不用模型，按倍数或尺寸放大（或缩小）图片。Lanczos 最锐利，Mitchell 更平滑且没有振铃，最近邻保留硬边像素。ESRGAN 类模型可以增加细节，见“用模型放大”。",
    inputs: { image: "图像", factor: "倍数" },
    outputs: { image: "图像" },
    params: {
      method: {
        label: "方法",
        options: {
          lanczos: "Lanczos",
          mitchell: "Mitchell",
          bicubic: "双三次",
          bilinear: "双线性",
          nearest: "最近邻",
        },
      },
      by: { label: "缩放", options: { factor: "按倍数", size: "按尺寸" } },
      factor: { label: "倍数" },
      width: { label: "宽度" },
      height: { label: "高度" },
    },
  },
  "upscale-with-model": {
    title: "用模型放大",
    description:
      "用 ESRGAN 类模型（upscale_models 中的 ESRGAN 和 Real-ESRGAN safetensors 文件，或任意 ONNX 放大模型）放大图片，在插值只会变模糊的地方增加细节。倍数由文件决定。图片逐块放大，大图也能放进内存。",
    inputs: { image: "图像" },
    outputs: { image: "图像" },
    params: {
      upscaler: { label: "放大模型", help: "模型文件夹的 upscale_models 中的文件。" },
      tile: { label: "图块", help: "逐块放大的边长；越小所需内存越少。" },
      overlap: { label: "重叠", help: "模型处理每块时能看到多少周围画面；越多越不易出现接缝。" },
    },
  },
  "conditioning-noise": {
    title: "条件噪声",
    description:
      "给提示词的含义加入带种子的噪声，使不同种子的图片差别更大：步数少的模型对每个种子画出的图几乎相同。只在最前面的几步使用带噪声的条件，其余步骤在第二个采样器中使用原条件，画面仍会符合提示词。强度为 0 时不变。",
    inputs: { conditioning: "条件", seed: "种子" },
    outputs: { conditioning: "条件" },
    params: {
      seed: { label: "种子", help: "加入哪一份噪声。" },
      strength: { label: "强度", help: "1 表示与数值本身的变化相当。用于全部步数时约为 1，只用于前四分之一时约为 4。" },
      share: { label: "比例", help: "多少数值会加入噪声。" },
    },
  },
  note: {
    title: "便签",
    description: "画布上的 Markdown 便签，写给之后打开工作流的人。它不参与运行。",
    params: { text: { label: "文字" } },
  },
  "number-list": {
    title: "数字列表",
    description:
      "依次给出多个数字：连接在其后的节点会对每个数字各运行一次。两个列表在同一节点相遇时会交叉组合。数字用逗号隔开或各占一行，范围写作 1..8 或 0.2..1/0.2。种子保持精确。XY 网格可把图片排成表格。",
    outputs: { number: "数字", integer: "整数" },
    params: {
      values: { label: "数字", help: "1, 2, 4 或 1..8 或 0.2..1/0.2" },
      title: { label: "标题", help: "这些数字的含义，用作 XY 网格的标题。" },
    },
  },
  "text-list": {
    title: "文本列表",
    description:
      "多段文本，每行一段：连接在其后的节点会对每行各运行一次，例如每行一个提示词，或每行一个求解器。两个列表在同一节点相遇时会交叉组合。空行不计。XY 网格可把图片排成表格。",
    inputs: { text: "文本" },
    outputs: { text: "文本" },
    params: {
      text: { label: "文本", help: "每行一段。" },
      title: { label: "标题", help: "这些文本的含义，用作 XY 网格的标题。" },
    },
  },
  "each-image": {
    title: "逐张图像",
    description:
      "把一批图片逐张取出：连接在其后的节点会对每张图片各运行一次，因此大小和形状不同的图片都能处理。“收集图像”会把结果重新合为一批。",
    inputs: { image: "图像" },
    outputs: { image: "图像", number: "序号" },
  },
  "collect-images": {
    title: "收集图像",
    description: "结束列表的逐项运行：等待所有项的图片，按列表顺序合为一批。其后的节点只运行一次。",
    inputs: { image: "图像" },
    outputs: { image: "图像" },
  },
  "xy-grid": {
    title: "XY 网格",
    description:
      "把用列表各项绘制的图片排成表格：第一个列表横向，第二个纵向，各值作为标题；更多列表的每种组合各成一页。把数字列表连接到要比较的步数、引导强度或权重，再把图片连接到这里。",
    inputs: { image: "图像" },
    outputs: { image: "表格" },
    params: {
      transpose: { label: "交换坐标轴", help: "第一个列表纵向，第二个横向。" },
      fontSize: { label: "字号" },
      gap: { label: "间距" },
      background: { label: "背景", help: "六位十六进制颜色：#202024。" },
    },
  },
  "load-folder": {
    title: "加载文件夹",
    description:
      "按名称顺序把一个文件夹中的所有图片带入工作流。只能读取 Heddle 文件夹中的“inputs”及其中的文件夹，因此他人的工作流看不到没有放在那里的东西。后接“逐张图像”可对每张图片各运行一次。",
    outputs: { image: "图像", names: "名称", count: "数量" },
    params: {
      folder: { label: "文件夹", help: "位于“inputs”文件夹中；留空表示该文件夹本身。" },
      subfolders: { label: "包含子文件夹", help: "也读取其中各文件夹的图片。" },
      skip: { label: "跳过开头", help: "跳过开头的多少张图片。" },
      limit: { label: "最多", help: "最多读取多少张图片。" },
      longestSide: { label: "最长边", help: "更大的图片会缩小，以便内存容纳更多；0 表示保持原大小。" },
    },
  },
  "data-uri": {
    title: "图像转 Data URI",
    description:
      "把图片写成以 data:image/…;base64 开头的文本，供网页和以 JSON 接收图片的程序使用。只含图片本身，不含工作流。有多张图片时每张一行。",
    inputs: { image: "图像" },
    outputs: { text: "Data URI" },
    params: {
      format: { label: "格式", options: { png: "PNG", jpeg: "JPEG", webp: "WebP" } },
      quality: { label: "质量" },
    },
  },
};
