import { causesOf } from "./problem-causes.ts";
import { onnxProblemsZhCN } from "./problems.onnx.zh-CN.ts";
import { weightProblemsZhCN } from "./problems.weights.zh-CN.ts";

const NARROW_LORA = "请用“缩放 LoRA”由它制作一个低秩 LoRA，然后使用后者。";

/** 推理引擎的问题说明。 */
export const engineProblemsZhCN = {
  ...weightProblemsZhCN,
  ...onnxProblemsZhCN,
  // 运行时与设备
  ...causesOf(
    "runtime-not-found",
    (why) => ({ message: `无法加载推理运行时：${why}。`, help: "请重新安装 Heddle 的软件包（npm ci）并重新启动。" }),
    {
      "no-answer": "其驱动程序在 {{seconds}} 秒内没有响应",
      signal: "其驱动程序终止了进程（{{signal}}）",
      said: "{{reason}}",
      ended: "其驱动程序终止了进程",
    },
  ),
  // 为本机准备的权重
  "disk-full_model-form": {
    message: "模型的加速形式需要在“{{folder}}”中占用 {{needed}}，但只剩 {{free}}。",
    help: "请在该磁盘上腾出空间，或为此模型选择精度“精确（float32）”：它不占用磁盘空间。",
  },
  "disk-full_model-form-full": {
    message: "模型的加速形式需要在“{{folder}}”中占用 {{needed}}，但磁盘已满。",
    help: "请在该磁盘上腾出空间，或为此模型选择精度“精确（float32）”：它不占用磁盘空间。",
  },
  "cache-unwritable": {
    message: "无法将模型的加速形式写入“{{path}}”：{{reason}}。",
    help: "请检查是否有写入此文件夹的权限，或设置其他缓存文件夹。",
  },
  "derived-unknown": { message: "没有这样的加速形式。", help: "它可能已被移除。请再次查看列表。" },
  "derived-in-use": { message: "无法移除模型的加速形式：{{reason}}。", help: "请等到没有工作流运行时再试。" },
  "model-not-open": { message: "“{{path}}”中的模型没有打开。", help: "请从其“加载模型”节点起重新运行工作流。" },
  // LoRA
  "lora-no-match_no-lora": {
    message: "“{{path}}”不是 LoRA：其中没有任何 LoRA 训练器所写的名称。{{total}} 个键中没有一个可以应用。",
    help: "请选择为 Z-Image 或 Z-Image-Turbo 制作的 LoRA。其他系列的 LoRA 无法转换。",
  },
  "lora-no-match_unknown-family": {
    message:
      "LoRA“{{path}}”与此模型没有任何相符之处，从其名称也看不出是为什么模型制作的。{{total}} 个键中没有一个可以应用。",
    help: "请选择为 Z-Image 或 Z-Image-Turbo 制作的 LoRA。其他系列的 LoRA 无法转换。",
  },
  "lora-no-match_other-family": {
    message: "LoRA“{{path}}”不是为此模型制作的，而是用于{{familyName}}。{{total}} 个键中没有一个可以应用。",
    help: "请选择为 Z-Image 或 Z-Image-Turbo 制作的 LoRA。其他系列的 LoRA 无法转换。",
  },
  "lora-full-rank_schedule": {
    message: "此 LoRA 会改变大模型的整个矩阵，因此其权重不能随步数变化。",
    help: NARROW_LORA,
  },
  "lora-full-rank_text-encoder": {
    message: "此 LoRA 会改变大模型的整个矩阵，因此不能用于文本编码器。",
    help: NARROW_LORA,
  },
  "lora-needs-cache": {
    message: "这类 LoRA 需要在磁盘上并入模型，但没有可用的缓存文件夹。",
    help: "请设置缓存文件夹，或先用“缩放 LoRA”制作一个低秩 LoRA。",
  },
  "lora-merge-empty": { message: "没有可合并的内容：所有 LoRA 的权重都是 0。", help: "请至少给其中一个设置其他权重。" },
  // 采样
  "encoder-mismatch_model": {
    message: "提示词编码后每个词元有 {{found}} 个特征，而此模型读取 {{wanted}} 个。",
    help: "请使用同一模型的文本编码器。",
  },
  ...causesOf(
    "controlnet-mismatch",
    (why) => ({
      message: `ControlNet“{{name}}”与模型不匹配：${why}。`,
      help: "请使用为此模型制作的 ControlNet。Z-Image 的 ControlNet（Union、Tile）仅适用于完整的 Z-Image 模型；入门模型没有。",
    }),
    {
      width: "它适用于宽度为 {{dim}} 的模型，而此模型为 {{modelDim}}",
      heads: "它适用于有 {{heads}} 个注意力头的模型，而此模型有 {{modelHeads}} 个",
      layers: "它引导第 {{layer}} 层，而此模型有 {{modelLayers}} 层",
    },
  ),
  "size-not-multiple_draw": {
    message: "此模型无法绘制 {{width}} × {{height}} 的图片。",
    help: "请使用宽和高均为 {{multiple}} 的倍数的尺寸。",
  },
  "size-not-multiple_encode": {
    message: "无法编码 {{width}} × {{height}} 的图片。",
    help: "请将其缩放到两边均为 {{multiple}} 的倍数；采样器适合用 16 的倍数。",
  },
  "image-sizes-differ_batch": { message: "同一批次的图片尺寸必须相同。", help: "请先把它们缩放到同一尺寸。" },
  "latent-empty_decode": {
    message: "没有可解码的内容：此潜变量只有尺寸。",
    help: "请在尺寸与 VAE 之间放置采样器。",
  },
  "decoded-in-strips": {
    message: "内存不足以一次处理整张图片，因此分条解码。",
    help: "不会有任何损失，只是稍慢一些；也可在“设置 > 设备”中事先选择“分条解码”。",
  },
  "encoded-in-strips": {
    message: "内存不足以一次处理整张图片，因此分条编码。",
    help: "不会有任何损失，只是稍慢一些；也可在“设置 > 设备”中事先选择“分条解码”。",
  },
  "unknown-solver": { message: "没有名为“{{name}}”的求解器。", help: "请从以下各项中选择：{{known}}。" },
  "unknown-schedule": { message: "没有名为“{{name}}”的调度。", help: "请从以下各项中选择：{{known}}。" },
  "steps-out-of-range": { message: "步数不能是 {{value}}。", help: "请使用 1 到 {{most}} 的整数。" },
  "shift-out-of-range": { message: "偏移不能是 {{value}}。", help: "请使用大于 0 且不超过 {{most}} 的数。" },
  "denoise-out-of-range": { message: "去噪强度不能是 {{value}}。", help: "请使用 0 到 1 的数。" },
  "denoise-out-of-range_too-small": {
    message: "去噪强度不能是 {{value}}。",
    help: "请使用 0，或不小于 {{least}} 的数。",
  },
  "seed-out-of-range": {
    message: "种子 {{seed}} 不在 0 到 18446744073709551615 之间。",
    help: "请使用 0 到 18446744073709551615 的整数。",
  },
  // 写作
  "text-too-long": {
    message: "要续写的文本有 {{tokens}} 个词元，最多可有 {{most}} 个。",
    help: "请缩短提示词或指令。",
  },
  ...causesOf(
    "language-model-missing",
    (why) => ({
      message: `文本编码器“{{path}}”不能写作：${why}。`,
      help: "请使用 Z-Image 的完整文本编码器（Qwen3-4B，文件夹 text_encoder）。没有它时，可用“通配符”（{a|b}、__file__）和“文本模板”变化提示词，适用于任何模型。",
    }),
    {
      "no-norm": "它没有只在写作时才需要的最终归一化层",
      "reads-only": "它只被训练来读取提示词",
      "no-head": "它没有输出层（lm_head）",
    },
  ),
};
