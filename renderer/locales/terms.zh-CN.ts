import type { PortType } from "../../graph/definition.ts";
import type { Term } from "../../graph/problem-terms.ts";
import { wordsZhCN } from "./words.zh-CN.ts";

const portTypes: Readonly<Record<PortType, string>> = {
  model: "模型",
  textEncoder: "文本编码器",
  vae: "VAE",
  conditioning: "条件",
  latent: "潜变量",
  image: "图像",
  mask: "蒙版",
  controlNet: "ControlNet",
  lora: "LoRA",
  integer: "整数",
  number: "数字",
  text: "文本",
  boolean: "开关值",
  any: "任意类型",
};

/** 问题说明中提到的节点、设置与数值。 */
export const termsZhCN = {
  words: wordsZhCN,
  portTypes,
  // 各项之中有逗号时，顿号分不开它们。
  list: (items: readonly string[]) => items.join(items.some((item) => item.includes("，")) ? "；" : "、"),
  node: (title: string, id: string | undefined) => (id === undefined ? title : `${title}（${id}）`),
  paramOfNode: (node: string, param: string) => `“${node}”的“${param}”`,
  linkedValue: (param: string) => `连接到“${param}”的值`,
  numbers: ({ min, max, isWhole, multipleOf, unit = "" }: Extract<Term, { term: "numbers" }>) =>
    `${min} 到 ${max}${unit === "px" ? " px" : unit} 之间的${isWhole ? "整数" : "数"}${multipleOf === undefined ? "" : `，且为 ${multipleOf} 的倍数`}`,
};
