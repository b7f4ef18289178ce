import { familiesZhCN } from "./words.zh-CN.ts";

/** JSON 的类型，按 zod 的叫法。 */
const jsonTypes = {
  string: "文本",
  number: "数字",
  int: "整数",
  boolean: "布尔值",
  object: "对象",
  record: "对象",
  array: "列表",
  null: "空值",
};

const wrongTypes = Object.entries(jsonTypes).flatMap(([expected, wanted]) => [
  [`Invalid input: expected ${expected}, received undefined`, `应为${wanted}，但没有找到`],
  ...Object.entries(jsonTypes).map(([received, given]) => [
    `Invalid input: expected ${expected}, received ${received}`,
    `应为${wanted}，而不是${given}`,
  ]),
]);

/** 界限，按 zod 的写法。 */
const limits = { ">=": "不小于", ">": "大于", "<=": "不大于", "<": "小于", "exactly ": "为" };

const outOfLimits = ["Too small", "Too big"].flatMap((fault) =>
  Object.entries(limits).flatMap(([sign, should]) => [
    [`${fault}: expected {{kind}} to be ${sign}{{limit}}`, `应${should} {{limit}}`],
    [`${fault}: expected {{kind}} to have ${sign}{{limit}} items`, `的项数应${should} {{limit}}`],
    [`${fault}: expected {{kind}} to have ${sign}{{limit}} characters`, `的字符数应${should} {{limit}}`],
  ]),
);

/**
 * 引擎用英文说出的句子。`{{名称}}` 处可为任意文字；`{{rest}}` 处的文字也会翻译。找不到的句子逐句、再按逗号逐段查找。
 */
export const saidZhCN: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(familiesZhCN).map(([english, chinese]) => [english.replace(/^(an?|the) /, ""), chinese]),
  ),
  // 精度计划：形式、原因与代价
  "reference.": "精确（float32）。",
  "h8.": "快速 8 位（H8）。",
  "w16.": "近乎精确（W16）。",
  "int8.": "8 位权重。",
  "int4.": "4 位权重。",
  "fp16.": "半精度（FP16）。",
  "The model is small enough to run exactly.": "模型足够小，可以精确计算。",
  "Faster plans need a cache folder, and none is set.": "更快的形式需要缓存文件夹，而尚未设置。",
  "This graphics processor does not compute in half precision.": "此图形处理器不支持半精度计算。",
  "w16 is a form for processors; graphics processors have int8 instead.":
    "近乎精确（W16）只适用于处理器；图形处理器改用 8 位权重。",
  "h8 is a form for processors; graphics processors have int8 instead.":
    "快速 8 位（H8）只适用于处理器；图形处理器改用 8 位权重。",
  // 小写开头的句子不会与前一句分开。
  "int8. {{rest}}": "8 位权重。{{rest}}",
  "Chosen by you.": "由你选择。",
  "The graphics processor computes in half precision, and the model fits.":
    "图形处理器支持半精度计算，且放得下此模型。",
  "8-bit weights fit the graphics memory.": "显存放得下 8 位权重。",
  "Only 4-bit weights fit the graphics memory.": "显存只放得下 4 位权重。",
  "8-bit integers are faster than float32 here and need a quarter of the memory.":
    "在本机上 8 位整数比 float32 更快，内存只需四分之一。",
  "This processor has fast 8-bit integers.": "此处理器的 8 位整数运算很快。",
  "8-bit weights need a quarter of the memory.": "8 位权重只需四分之一的内存。",
  "Only 4-bit weights fit the memory.": "内存只放得下 4 位权重。",
  "Exact.": "精确。",
  "Float32 weights do not fit the memory, so every step widens them anew from the file, layer by layer.":
    "内存放不下 float32 权重，因此每一步都要从文件逐层重新展开。",
  "Pictures above {{count}} megapixels are decoded in strips: whole they would need half of the memory.":
    "超过 {{count}} 百万像素的图片分条解码：整张解码会占用一半的内存。",
  "At 1024 x 1024: {{rest}}": "1024 × 1024 时：{{rest}}",
  "{{size}} of memory": "内存 {{size}}",
  "{{size}} of memory and of disk": "内存和磁盘各 {{size}}",
  "about {{factor}} times the time of float32": "耗时约为 float32 的 {{factor}} 倍",
  exact: "精确",
  "nearly exact ({{value}} dB)": "近乎精确（{{value}} dB）",
  "no visible difference ({{value}} dB)": "看不出差别（{{value}} dB）",
  "details differ ({{value}} dB)": "细节会有不同（{{value}} dB）",
  // JSON 文件不符合要求之处（zod）
  ...Object.fromEntries(wrongTypes),
  "Invalid input": "无效",
  "Invalid input: expected {{expected}}": "应为 {{expected}}",
  "Invalid input: expected {{expected}}, received {{received}}": "应为 {{expected}}，而不是 {{received}}",
  "Invalid option: expected one of {{values}}": "应为 {{values}} 之一",
  ...Object.fromEntries(outOfLimits),
  "Unrecognized key: {{keys}}": "未知的键 {{keys}}",
  "Unrecognized keys: {{keys}}": "未知的键 {{keys}}",
  "std cannot be 0": "不能为 0",
  '"{{label}}" in {{list}} is none of the labels.': "{{list}} 中的“{{label}}”不在标签之中",
  // 试用设备
  "its attention is wrong": "注意力的计算结果有误",
  "its product is wrong": "乘积的计算结果有误",
  "its driver did not answer within {{seconds}} seconds": "其驱动程序在 {{seconds}} 秒内没有响应",
  "its driver ended the process": "其驱动程序使试用的进程终止",
  "its driver ended the process ({{signal}})": "其驱动程序使试用的进程终止（{{signal}}）",
  "it ended the engine in the middle of {{count}} runs within a week": "一周内在 {{count}} 次运行途中使引擎终止",
  // 模型文件
  "Z-Image transformer": "Z-Image 扩散模型",
  "Qwen3 text encoder": "Qwen3 文本编码器",
  "autoencoder (VAE)": "VAE",
  "Flux autoencoder": "Flux VAE",
  "diffusers folder": "diffusers 文件夹",
  "single file": "单个文件",
  "all-in-one file": "合并文件",
  "scaled {{type}}": "带缩放的 {{type}}",
  Checkpoint: "检查点",
  "Diffusion model": "扩散模型",
  "Text encoder": "文本编码器",
  Upscaler: "放大模型",
  "Picture classifier": "图像分类器",
  "Object detector": "目标检测器",
  Preprocessor: "预处理器",
  "ONNX model": "ONNX 模型",
  safetensors: "safetensors",
  // 节点的结果
  off: "关闭",
  "none: the pictures are identical": "无：图片完全相同",
  "{{count}} of {{total}} values": "{{total}} 个值中的 {{count}} 个",
  "{{count}} of {{total}} keys applied": "已应用 {{total}} 个键中的 {{count}} 个",
  resized: "已缩放",
  "rank {{rank}}": "秩 {{rank}}",
  "full difference": "完整差值",
  "{{name}} full difference": "{{name}} 完整差值",
  "{{count}} LoRAs merged ({{rest}})": "由 {{count}} 个 LoRA 合并（{{rest}}）",
  sum: "求和",
  average: "平均",
  "Left out as repetitions of others in the file: {{count}} key(s).": "作为文件中的重复内容略去：{{count}} 个键。",
  "Left out because the shapes do not fit this model: {{count}} module(s).":
    "因形状不符合此模型而略去：{{count}} 个模块。",
  "Left out because DoRA needs the base weights: {{count}} module(s).":
    "因 DoRA 需要基础权重而略去：{{count}} 个模块。",
  "This is a DoRA: it changes {{count}} module(s) in full.": "这是 DoRA：完整改变 {{count}} 个模块。",
  "{{count}} module(s) changed in full, not by a low-rank pair.": "{{count}} 个模块被完整改变，而不是用低秩矩阵对。",
  "Left out because they are for a text encoder: {{count}} key(s).": "因属于文本编码器而略去：{{count}} 个键。",
  "Merging left out what they change in the text encoder.": "合并时略去了它们对文本编码器的改变。",
};
