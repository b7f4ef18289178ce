import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { choosePlan, type PlanSituation } from "../../engine/precision/choose-plan.ts";
import { precisionPlans } from "../../engine/precision/plan.ts";
import { chooseVaePlan } from "../../engine/precision/vae-plan.ts";
import { zhCN } from "../locales/zh-CN.ts";
import { loadChineseWords } from "./chinese-words.ts";
import { factText, modelName, needsName, saidText } from "./said-text.ts";
import type { Text } from "./use-text.ts";

const text = Object.assign((key: string, options = {}) => String(i18next.t(key, options)), {
  list: (items: readonly string[]) => items.join("、"),
  series: (items: readonly string[]) => items.join("，"),
}) as Text;

beforeAll(async () => {
  await loadChineseWords();
  await i18next.init({ lng: "zh-CN", resources: { "zh-CN": { translation: zhCN } } });
  return () => i18next.changeLanguage("zh-CN");
});

/** Words that no unit, name or formula is made of. */
const english = (said: string) =>
  said.replaceAll(/\b(?:dB|GB|MB|float32|int8|h8|w16|diffusers|x1)\b/g, "").match(/[a-z]{3,}/g);

describe("precision", () => {
  const gigabytes = (count: number) => count * 2 ** 30;
  const cpus = [
    { saturates: false, speedup: 4 },
    { saturates: false, speedup: 20 },
    { saturates: true, speedup: 4 },
    { saturates: true, speedup: 1 },
  ];
  const situations = (["cpu", "webgpu"] as const).flatMap((device) =>
    cpus.flatMap((cpu) =>
      [1, 7, 30].flatMap((memory) =>
        [true, false].flatMap((hasCache) =>
          [true, false].flatMap((halfPrecision) =>
            [4e6, 6e9].map((parameters) => ({
              ...{ device, cpu, hasCache, halfPrecision, parameters },
              memoryBytes: gigabytes(memory),
            })),
          ),
        ),
      ),
    ),
  ) as PlanSituation[];

  it("is explained in Chinese, whatever is chosen and wherever", () => {
    const told = new Set<string>();
    for (const situation of situations)
      for (const wanted of ["auto", ...precisionPlans] as const) {
        const { plan, reason, cost } = choosePlan(situation, wanted);
        told.add(`${plan}. ${reason} ${cost}`);
      }
    for (const wanted of ["auto", "whole", "strips"] as const) {
      const { reason, cost } = chooseVaePlan(wanted, 4_000, gigabytes(8));
      told.add(`${reason} ${cost}`);
    }
    expect(told.size).toBeGreaterThan(30);
    for (const one of told) expect(english(saidText(one)), saidText(one)).toBeNull();
  });

  it("reads as sentences", () => {
    expect(
      saidText(
        "h8. This processor has fast 8-bit integers. 6.2 GB of memory and of disk, about 0.29 times the time of float32, no visible difference (54 dB).",
      ),
    ).toBe(
      "快速 8 位（H8）。此处理器的 8 位整数运算很快。内存和磁盘各 6.2 GB，耗时约为 float32 的 0.29 倍，看不出差别（54 dB）。",
    );
    expect(saidText("At 1024 x 1024: 671 MB of memory, exact.")).toBe("1024 × 1024 时：内存 671 MB，精确。");
    expect(saidText("int8. w16 is a form for processors; graphics processors have int8 instead. Exact.")).toBe(
      "8 位权重。近乎精确（W16）只适用于处理器；图形处理器改用 8 位权重。精确。",
    );
    expect(saidText("int8. Chosen by you. Exact.")).toBe("8 位权重。由你选择。精确。");
  });
});

describe("facts of a node", () => {
  it.each([
    ["transformer", "Z-Image transformer, diffusers folder, BF16", "Z-Image 扩散模型，diffusers 文件夹，BF16"],
    ["vae", "autoencoder (VAE), single file, scaled F8_E4M3", "VAE，单个文件，带缩放的 F8_E4M3"],
    ["keys", "420 of 430 keys applied", "已应用 430 个键中的 420 个"],
    ["format", "LyCORIS full difference, rank 8", "LyCORIS 完整差值，秩 8"],
    ["format", "2 LoRAs merged (sum), resized, rank 16", "由 2 个 LoRA 合并（求和），已缩放，秩 16"],
    [
      "notes",
      "Left out because the shapes do not fit this model: 1 module. This is a DoRA: it changes 3 modules in full.",
      "因形状不符合此模型而略去：1 个模块。这是 DoRA：完整改变 3 个模块。",
    ],
    ["variant", "turbo", "Turbo"],
    ["transparency", true, "是"],
    ["hasNsfwConcepts", "[true,false]", "是、否"],
    ["width", 128, "128"],
    ["text", "sum", "sum"],
    ["file", "exact", "exact"],
  ])("%s", (name, value, chinese) => expect(factText(text, name, value)).toBe(chinese));
});

it("names numbers, also those below nothing and far from it, and answers; words speak for themselves", () => {
  const values = [128, -3, 0.5, -1e-7, 1e21, true].map((value) => factText(text, "result", value));
  expect(values.filter((value) => !needsName(text, value))).toEqual([]);
  expect(["欧拉", "512 x 512", "e5", "-"].filter((value) => needsName(text, value))).toEqual([]);
});

it("says which part of a model a part is", () => {
  expect(modelName(text, { label: "Starter, text encoder" })).toBe("Starter，文本编码器");
  expect(modelName(text, { label: "Starter, text encoder", title: "Mine" })).toBe("Mine");
});
