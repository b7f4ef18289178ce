/** 模板的文字；英文写在模板文件里。`nodes` 按节点 id 给出便签的内容和节点的标题。 */
export interface TemplateWords {
  readonly title: string;
  readonly description: string;
  readonly nodes?: Readonly<Record<string, string>>;
}

export const templatesZhCN: Readonly<Record<string, TemplateWords>> = {
  accelerated: {
    title: "加速",
    description:
      "步数多，用时少：结果与上一步几乎相同的模型块会被跳过。采样器会说明跳过了多少；可与“加速”设为“无”时比较。",
  },
  channels: {
    title: "通道与滤镜",
    description: "不用模型也能对图片做的事：裁剪、镜像、模糊、反相、拆成各个通道，再按别的顺序合并。",
  },
  "contact-sheet": {
    title: "缩略图总览",
    description: "同一提示词的多张图片排在一张总览上，下方标出各自的种子，最好的那张可以单独再画一次。",
  },
  controlnet: {
    title: "ControlNet",
    description:
      "用一张图片的边缘来控制另一张图片的构图。请把适用于 Z-Image 的 ControlNet 放进 controlnet 文件夹并选择它；入门模型自己没有。",
  },
  depth: {
    title: "用自己的模型求深度",
    description:
      "由图片得出图片的模型（深度、姿态或分割）为 ControlNet 准备提示图。请把这样的 ONNX 模型放进 preprocessors 文件夹。",
  },
  "edges-and-colours": {
    title: "边缘与颜色",
    description:
      "不用模型也能由一张图片得到的东西：供 ControlNet 使用的 Canny 边缘、别的颜色，以及用混合模式叠上的边缘，并排在一张总览上。",
  },
  "expand-prompt": {
    title: "扩写提示词",
    description:
      "由模型自己的文本编码器（它是一个语言模型）把几个词扩写成完整的描述。入门模型的编码器太小，不会写，所以这里关闭了扩写：请选择完整的 Z-Image 模型文件再打开它。",
  },
  "face-refinement": {
    title: "面部细化",
    description:
      "用你自己的检测器找到面部，裁剪出来，以适合模型的大小重新绘制，再以柔和的边缘放回去。“比较图像”会显示变化。请把用于面部的 YOLO 模型（ONNX）放进 detectors 文件夹。",
  },
  folder: {
    title: "一个文件夹的图片",
    description:
      "“inputs”文件夹里的每张图片都按自己的尺寸重新绘制并保存；其中第一张还会写成 data URI。请先把图片放进去：Heddle 不读取别的文件夹。",
  },
  "hires-fix": {
    title: "高清修复",
    description:
      "先在构图最稳的小尺寸绘制，再放大，然后用一半噪声在大尺寸上重绘：细节更多，构图不变。两次共用一个种子，一个数字决定放大多少。",
  },
  "image-to-image": {
    title: "图生图",
    description: "按提示词重新绘制你的图片。去噪强度决定改变多少：0 原样返回，1 完全忽略原图。",
  },
  "inpaint-by-hand": {
    title: "用手绘蒙版重绘",
    description: "用软画笔绘制的蒙版：白色处重新绘制，黑色处逐像素保留，灰色越深，改变越少。",
    nodes: {
      note: "用**绘制蒙版**打开蒙版，在图片上涂抹。把**蒙版的灰色**设为**强度**时，软画笔带来柔和的变化：半灰处的改变与强度 0.5 的图生图相同。",
    },
  },
  "inpaint-zoom": {
    title: "放大局部重绘",
    description: "裁出图片的一小部分，放大到模型的完整尺寸，重新绘制后放回原处：比直接重绘得到更多细节。",
  },
  inpaint: {
    title: "局部重绘",
    description: "图片的蒙版部分按提示词重新绘制，其余部分逐像素保持不变。",
    nodes: {
      note: "蒙版说明画在哪里。带透明部分的图片自带蒙版：用“加载图像”的蒙版代替形状即可。\n\n**图像合成**把结果放回原图，其余部分因此不变。",
    },
  },
  "lora-compare": {
    title: "比较 LoRA",
    description: "同一提示词、同一种子，LoRA 的权重分别为 0、0.5 和 1。模型只加载一次：LoRA 的权重和别的输入一样。",
  },
  "lora-lab": {
    title: "LoRA 实验室",
    description:
      "两个互相矛盾的 LoRA 用 TIES 合并成一个秩为 16 的 LoRA，可以查看其内容，并在前面的层只用一半权重、随步数逐渐减弱。“保存 LoRA”已关闭：打开它即可保留合并结果。",
  },
  "lora-weights": {
    title: "比较 LoRA 权重",
    description:
      "一个 LoRA 的每个权重与另一个 LoRA 的每个权重相配，一次运行，排在一张带标签的总览上。模型只加载一次：LoRA 的权重和别的输入一样。",
  },
  lora: {
    title: "LoRA",
    description: "一个 LoRA 把入门模型的风格变成深色背景上的霓虹轮廓。在 -4 到 4 之间改变它的权重，再运行一次。",
    nodes: {
      note: "节点会说明 LoRA 中有多少键已应用，并列出其余的键。LoRA 自己的触发词（如果文件里写明）应放进提示词。\n\n要同时用几个，请改用 **LoRA 组合**。",
    },
  },
  masks: {
    title: "由图片得到蒙版",
    description: "蒙版由图片本身得到：大气球周围矩形里与气球同色的地方。标出的部分换一种颜色重新绘制，其余保持不变。",
  },
  "mixed-prompts": {
    title: "混合两个提示词",
    description:
      "两个提示词以三种方式混合：词的平均、模型对各自所绘结果的平均，以及与空提示词相对照。模型按 ComfyUI 文件夹的方式由各部分加载，噪声水平手动偏移。",
  },
  "one-by-one": {
    title: "逐张处理图片",
    description:
      "形状各异的多张图片依次经过相同的节点：这里把每张都换成另一个时刻。用“加载文件夹”代替这两张图片，即可处理整个文件夹。",
  },
  outpaint: {
    title: "向外扩展",
    description: "图片向右扩展，由提示词说明如何延续。四个方向都可以设置。",
  },
  "prompt-builder": {
    title: "由各部分组成提示词",
    description:
      "提示词由带空位的句子、按数字选择的词、被替换的词和可以关闭的背景组成；步数是算出来的。改变其中一部分，只有依赖它的节点会重新运行。",
  },
  "prompt-list": {
    title: "每行一个提示词",
    description: "一次运行为列表的每一行各用两个种子绘制图片。每张图片连同自己的提示词保存，并全部排在一张总览上。",
  },
  "safety-check": {
    title: "安全检查",
    description:
      "每张图片都交给你自己的分类器，被判为不安全的在保存前会被模糊、屏蔽或仅作标记。请把分类器（ONNX，标签写在 JSON 文件里）放进 classifiers 文件夹。",
  },
  seamless: {
    title: "无缝图案",
    description:
      "四边能与对边衔接的图片；旁边是同一图片在两个方向各平铺两次的样子，可以看出没有接缝。只让左右衔接，就成了全景图。",
  },
  "seed-variance": {
    title: "种子的变化",
    description:
      "步数少的模型对每个种子画出的图片几乎一样。这里八步中的前两步使用加了噪声的提示词，使构图随种子变化；其余步骤使用原提示词。总览显示不用和使用这一方法的结果。",
  },
  "settings-compared": {
    title: "比较设置",
    description:
      "一个列表里的每种求解器与另一个列表里的每个步数相配，一次运行，排在一张带标签的总览上。提示词只读取一次，列表变长时只画新的部分。",
  },
  "text-to-image-base": {
    title: "文生图，基础模型",
    description: "带引导和反向提示词的基础模型：比 turbo 慢，变化更多，并且可以说明要避免什么。",
    nodes: { negative: "反向提示词" },
  },
  "text-to-image": {
    title: "文生图",
    description: "内置的入门模型用 8 步把提示词变成图片。写下想看到的内容，然后按“运行”。",
    nodes: {
      note: "**从这里开始。** 入门模型很小：它认识颜色、简单形状和风景，最适合 128 × 128。请用英文写提示词，例如\n\n- *a yellow star on a purple background*\n- *a brown boat on a cyan background*\n- *a large orange cat on a gray background*\n- *green hills on a sunny day with a yellow house*\n\n要用 Z-Image 本身绘制，请把它放进模型文件夹，并在“加载模型”中选择。",
    },
  },
  "upscale-with-model": {
    title: "用模型放大",
    description:
      "ESRGAN 系列的模型逐块放大图片并补上相称的细节。请把这样的模型（safetensors 或 ONNX）放进 upscale_models 文件夹并选择它。",
  },
  upscale: {
    title: "放大",
    description:
      "把图片放大到三倍：Lanczos 保持边缘锐利，反锐化蒙版使其更清晰。upscale_models 里有 ESRGAN 模型时，可换用“用模型放大”。",
  },
  wildcards: {
    title: "通配符",
    description: "每个种子一个不同的提示词：花括号里的选择由绘制图片的同一种子决定，因此每张图片都可以再画一次。",
    nodes: {
      note: "**{a|b}** 是两者之一，**{2::a|b}** 选 *a* 的机会是两倍，选项里还可以有选项。\n\n**\\_\\_animals\\_\\_** 是 Heddle 主文件夹中 *wildcards/animals.txt* 的一行。\n\n改变种子就得到别的词。",
    },
  },
};
