/** 运行中最常见的问题说明：用于节点、队列与日志。 */
export const runningProblemsZhCN = {
  "out-of-memory": {
    message: "内存不足，无法完成此步骤。",
    help: "请选择更小的图片、更小的批次或更省内存的精度，或关闭其他程序后再次运行。",
  },
  "disk-full": { message: "“{{folder}}”所在的磁盘空间不足。", help: "请在该磁盘上腾出空间后重试。" },
  "runtime-failed": {
    message: "推理运行时无法继续。",
    help: "请检查模型文件是否完整。若完整，请从日志复制报告并提交问题。",
  },
  "encoder-mismatch": { message: "文本编码器与此模型不匹配。", help: "请使用同一模型的文本编码器。" },
  "size-replaced": {
    message: "此处无法使用所要求的尺寸，改用 {{width}} × {{height}}。",
    help: "请选择允许范围内的尺寸，或缩放、裁剪图片。",
  },
  "strength-too-low": {
    message: "强度为 {{strength}} 时，{{steps}} 步中没有一步会运行。",
    help: "请提高强度或步数。",
  },
  "picture-not-found": {
    message: "本机没有此工作流所用的图片。",
    help: "请重新选择：工作流只按内容引用图片，不携带图片。",
  },
  "picture-unreadable": {
    message: "该文件不是可读取的图片，或已损坏。",
    help: "请使用 PNG、JPEG、WebP、GIF、TIFF 或 AVIF 文件。",
  },
  "image-sizes-differ": { message: "这些图片的尺寸必须相同。", help: "请先把它们缩放到同一尺寸。" },
  "mask-empty": { message: "蒙版没有标出任何区域。", help: "请绘制蒙版，或将其反转。" },
  "workflow-not-embedded": {
    message: "工作流太大，无法放入 JPEG 文件；图片已保存，但不含工作流。",
    help: "如需在图片中保留工作流，请保存为 PNG 或 WebP。",
  },
} as const;
