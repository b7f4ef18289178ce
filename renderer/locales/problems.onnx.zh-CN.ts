import { causesOf } from "./problem-causes.ts";

const SIDECAR = "请更正该文件；docs/onnx-models.md 说明了其中应有的内容。";

/** 用户自备模型（ONNX 与放大模型）的问题说明。 */
export const onnxProblemsZhCN = {
  "onnx-too-large": {
    message: "“{{name}}”有 {{gigabytes}} GB；ONNX 文件最多 2 GB。",
    help: "请重新导出，并把权重放在旁边的文件中（external data）。",
  },
  "onnx-external-data": {
    message: "无法使用“{{name}}”：其权重应在它旁边，但不在那里，或被指定在其文件夹之外。",
    help: "请把含权重的文件（通常为 .onnx_data 或 .bin）以原来的名称放入同一文件夹。",
  },
  "onnx-opset": {
    message: "无法使用“{{name}}”：它采用的 ONNX 版本过新。",
    help: "请以 17 至 21 的 opset 重新导出。",
  },
  "onnx-operator": {
    message: "无法使用“{{name}}”：它用到了推理运行时没有的算子。",
    help: "请不使用自定义算子重新导出，或选择其他模型。",
  },
  "onnx-invalid": { message: "无法使用“{{name}}”：它不是 ONNX 文件，或已损坏。", help: "请重新下载或导出。" },
  "onnx-failed": {
    message: "无法使用“{{name}}”：推理运行时拒绝运行它。",
    help: "请确认该模型适用于此用途，并查看其页面对图片尺寸的说明。",
  },
  ...causesOf(
    "onnx-form",
    (why) => ({
      message: `“{{name}}”不能用在这里：${why}。`,
      help: "请使用接收一张图片的模型，输入为 float32 或 uint8 的 [1, 3, height, width] 或 [1, height, width, 3]。",
    }),
    {
      inputs: "它有 {{inputs}} 个输入",
      input: "其输入为 {{found}}",
      "no-tensor": "其输入不是张量",
      "not-yolo": "其输入不是 YOLO 的输入",
      "no-picture": "它给出 {{forms}}，而不是图片",
      scores: "它给出 {{found}}，而应为 {{labels}} 个分数，每个标签一个",
      "not-finite": "其分数不是有效数值",
    },
  ),
  "onnx-size": {
    message: "“{{name}}”旁边的文件要求 {{asked}} 像素，而模型只接收 {{fixed}} 像素。",
    help: "请从该文件中去掉 width 和 height，或加以更正。",
  },
  "onnx-not-finite": {
    message: "“{{name}}”给出了无穷大或非数字（NaN）的值，无法构成图片。",
    help: "请检查模型旁边 JSON 文件中的 mean、std 和 range，或使用其 float32 版本：半精度对它可能不够。",
  },
  "detector-form": {
    message: "“{{name}}”不是 Heddle 能读取的 YOLO：其输出为 {{found}}。",
    help: "请用 `yolo export format=onnx` 导出 Ultralytics YOLO v8 或 v11：一个输出 [1, 4 + 类别数, n]。",
  },
  "classifier-unlabelled": {
    message: "“{{name}}”旁边没有“{{wanted}}”，因此不知道其输出的含义。",
    help: "请写一个包含标签和阈值的文件；docs/onnx-models.md 中有示例。",
  },
  "sidecar-invalid_schema": { message: "无法使用“{{name}}”：{{problems}}。", help: SIDECAR },
  "sidecar-invalid_unreadable": { message: "无法读取“{{name}}”：{{reason}}。", help: SIDECAR },
  "sidecar-invalid_unknown-label": {
    message: "无法使用“{{name}}”：{{list}} 中的“{{label}}”不在标签之中。",
    help: SIDECAR,
  },
  "sidecar-invalid_std-zero": { message: "无法使用“{{name}}”：std 不能为 0。", help: SIDECAR },
  ...causesOf(
    "upscaler-form",
    (why) => ({
      message: `“{{name}}”不能用作放大模型：${why}。`,
      help: "请使用只有一个 float32 输入 [1, 3, height, width]、且高和宽不固定的模型。",
    }),
    {
      output: "对 {{side}} × {{side}} 的图片，它给出 {{made}}",
      inputs: "它有 {{inputs}} 个输入",
      "input-type": "其输入不是 float32",
      "input-shape": "其输入为 {{shape}}",
    },
  ),
  ...causesOf(
    "upscaler-unknown",
    (why) => ({
      message: `“{{path}}”不是 Heddle 认识的放大模型：${why}。`,
      help: "请使用 safetensors 格式的 ESRGAN 或 Real-ESRGAN 模型（RRDBNet 或 SRVGGNetCompact）。",
    }),
    {
      tensor: "其中有“{{tensor}}”",
      "no-blocks": "其中没有密集块",
      "last-layer": "其最后一层有 {{channels}} 个通道",
    },
  ),
  "upscaler-channels": {
    message: "放大模型“{{path}}”接收 {{channels}} 个通道，而不是图片的红、绿、蓝。",
    help: "请使用为彩色图片制作的放大模型。",
  },
};
