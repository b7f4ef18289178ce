import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { type ErrorPayload, HeddleError, toHeddleError } from "../../common/errors.ts";
import { loraFamilies } from "../../engine/lora/foreign-lora.ts";
import { mergedPart } from "../../engine/lora/merge-loras.ts";
import { parseZImageConfig } from "../../engine/models/z-image/config.ts";
import { checkControlNetFits } from "../../engine/models/z-image/controlnet-config.ts";
import { TorchGenerator } from "../../engine/sampling/noise.ts";
import { planSigmas } from "../../engine/sampling/sigmas.ts";
import { pictureInputSchema, readSidecar } from "../../engine/vision/sidecar.ts";
import { foreignFamilies } from "../../engine/weights/layouts/foreign-families.ts";
import { openCheckpointFiles, openTextEncoderFile, openVaeFile } from "../../engine/weights/layouts/open-checkpoint.ts";
import { withScales } from "../../engine/weights/layouts/scaled-weights.ts";
import { openWeightFolder } from "../../engine/weights/weight-set.ts";
import { loraFacts } from "../../nodes/lora.ts";
import { encodeSafetensors } from "../../test/support/encode-safetensors.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { familiesZhCN } from "../locales/words.zh-CN.ts";
import { zhCN } from "../locales/zh-CN.ts";
import { loadChineseWords } from "./chinese-words.ts";
import { problemText } from "./problem-text.ts";
import { saidText } from "./said-text.ts";
import type { Text } from "./use-text.ts";

const golden = join(import.meta.dirname, "../../test/golden");

beforeAll(async () => {
  await loadChineseWords();
  await i18next.init({
    lng: "zh-CN",
    resources: { "zh-CN": { translation: zhCN } },
    interpolation: { escapeValue: false },
  });
});

/** What `act` throws, in Chinese. */
async function said(act: () => unknown): Promise<{ message: string; help: string }> {
  const error: ErrorPayload = await Promise.resolve()
    .then(act)
    .then(
      () => expect.fail("nothing was thrown"),
      (thrown: unknown) => {
        expect(thrown).toBeInstanceOf(HeddleError);
        return toHeddleError(thrown).toPayload();
      },
    );
  return problemText(say, error);
}

const say = ((key: string, values = {}) => String(i18next.t(key, values))) as Text;

describe("failures of the engine in Chinese", () => {
  it("tell what is wrong with a weight file", async () => {
    const folder = await temporaryFolder();
    const file = (name: string, bytes: Uint8Array | string) => folder.write(name, Buffer.from(bytes));
    const gone = join(folder.path, "gone.safetensors");
    expect(await said(() => openVaeFile(gone))).toEqual({
      message: `“${gone}”不存在。`,
      help: "请检查路径，以及是否有读取该文件的权限。",
    });
    const short = await file("short.safetensors", "abc");
    expect(await said(() => openVaeFile(short))).toEqual({
      message: `“${short}”不是可用的 safetensors 文件：它只有 3 字节，放不下文件头。`,
      help: "请重新下载该文件，并与其页面给出的大小和校验值比较。",
    });
    const gguf = await file("old.gguf", Buffer.from("GGUF\x01\0\0\0"));
    expect((await said(() => openVaeFile(gguf))).message).toBe(`“${gguf}”不是可用的 GGUF 文件：其版本为 1，已经过时。`);
    const pickle = await file("model.ckpt", "PK..");
    expect((await said(() => openVaeFile(pickle))).message).toContain("PyTorch pickle 文件");
    const cut = encodeSafetensors({ "decoder.conv_in.weight": tensor([4, 16, 3, 3]) });
    const damaged = await file("cut.safetensors", cut.subarray(0, -8));
    expect((await said(() => openVaeFile(damaged))).message).toBe(
      `“${damaged}”不是可用的 safetensors 文件：张量“decoder.conv_in.weight”超出了文件范围，文件可能被截断。`,
    );
    await mkdir(join(folder.path, "vae"));
    await file("vae/model.safetensors.index.json", JSON.stringify({ weight_map: { a: "part-1.safetensors" } }));
    const index = join(folder.path, "vae/model.safetensors.index.json");
    expect(await said(() => openWeightFolder(join(folder.path, "vae")))).toEqual({
      message: `“${index}”所描述的权重不完整：缺少“part-1.safetensors”这一部分。`,
      help: "请把缺少的部分下载到同一文件夹。",
    });
    const scales = new Map([
      ["a.weight_codebook", { ...tensor([1]), name: "a", path: gone, offset: 0, byteLength: 4 }],
    ]);
    expect((await said(() => withScales(scales, gone))).message).toBe(
      `“${gone}”的权重采用 Heddle 无法读取的打包形式（码本）。`,
    );
  });

  it("tell what a file is that is no Z-Image", async () => {
    const folder = await temporaryFolder();
    const of = async (...names: string[]) => {
      const bytes = encodeSafetensors(Object.fromEntries(names.map((name) => [name, tensor([1])])));
      const path = await folder.write(`${names[0]}.safetensors`, bytes);
      const { message, help } = await said(() => openCheckpointFiles(path));
      return { message: message.replace(path, "文件"), help };
    };
    expect(await of("double_blocks.0.img_attn.qkv.weight")).toEqual({
      message: "“文件”不是 Z-Image 检查点：看起来是 Flux 模型。",
      help: "请选择 Z-Image 或 Z-Image-Turbo 的文件。文本编码器是 Qwen3-4B，VAE 是 Flux 的 ae.safetensors。",
    });
    expect((await of("visual.weight")).message).toBe("“文件”不是 Z-Image 检查点：看起来是视觉语言模型。");
    expect(await of("layers.0.lora_A.weight")).toEqual({
      message: "“文件”不是 Z-Image 检查点：看起来是 LoRA。",
      help: "请改用 LoRA 节点加载此文件。",
    });
    expect((await of("whatever")).message).toBe("“文件”不是 Z-Image 检查点：其中没有任何 Z-Image 的名称。");
    const transformer = join(golden, "layouts/transformer_native.safetensors");
    expect(await said(() => openTextEncoderFile(transformer))).toEqual({
      message: `“${transformer}”中没有 Qwen3 文本编码器：它是 Z-Image 扩散模型。`,
      help: "请选择 Qwen3 文本编码器的文件。",
    });
  });

  it("tell what is wrong with the file beside a model", async () => {
    const folder = await temporaryFolder();
    const beside = async (json: string) => {
      await folder.write("pose.json", Buffer.from(json));
      return (await said(() => readSidecar(join(folder.path, "pose.onnx"), pictureInputSchema))).message;
    };
    expect(await beside(`{ "std": 0 }`)).toBe("无法使用“pose.json”：std 不能为 0。");
    expect(await beside(`{ "std": 0, "width": "wide", "high": 1 }`)).toBe(
      '无法使用“pose.json”：width 应为数字，而不是文本；std 不能为 0；未知的键 "high"。',
    );
    expect(await beside(`{ "height": 0, "width": 9000, "range": [1], "fit": "cut", "mean": [1, 2] }`)).toBe(
      '无法使用“pose.json”：width 应不大于 8192、height 应不小于 1、fit 应为 "stretch"|"crop"|"pad" 之一、range 的项数应不小于 2、mean 的项数应为 3。',
    );
    expect(await beside("not JSON")).toBe("无法使用“pose.json”：应为对象，但没有找到。");
  });

  it("tell which numbers do not fit", async () => {
    const config = { ...zImage, dim: 64, n_heads: 3 };
    expect((await said(() => parseZImageConfig(config, "config.json"))).message).toBe(
      "“config.json”的配置无法使用：dim 64 无法分成 3 个注意力头。",
    );
    expect(
      (await said(() => parseZImageConfig({ ...zImage, norm_eps: 0, axes_lens: [1] }, "config.json"))).message,
    ).toBe("“config.json”的配置无法使用：norm_eps 应大于 0、axes_lens 的项数应为 3。");
    const base = { path: "/models/base", config: parseZImageConfig(zImage, "base") };
    const net = { dim: 128, n_heads: 2, control_layers_places: [0], control_in_dim: 16, n_refiner_layers: 2 };
    expect(
      (await said(() => checkControlNetFits({ path: "/nets/union.safetensors", config: net }, base))).message,
    ).toBe("ControlNet“union.safetensors”与模型不匹配：它适用于宽度为 128 的模型，而此模型为 64。");
    const request = { solver: "euler", schedule: "flow_match", steps: 8, shift: 3 };
    expect(await said(() => planSigmas({ ...request, steps: 0 }))).toEqual({
      message: "步数不能是 0。",
      help: "请使用 1 到 1000 的整数。",
    });
    expect(await said(() => planSigmas({ ...request, denoise: 0.0001 }))).toEqual({
      message: "去噪强度不能是 0.0001。",
      help: "请使用 0，或不小于 0.0004 的数。",
    });
    const { message, help } = await said(() => planSigmas({ ...request, solver: "nobody" }));
    expect(message).toBe("没有名为“nobody”的求解器。");
    expect(help).toMatch(/^请从以下各项中选择：euler, /);
    expect((await said(() => new TorchGenerator(-1n))).message).toBe("种子 -1 不在 0 到 18446744073709551615 之间。");
    expect((await said(() => mergedPart([], { method: "sum", density: 1 }))).message).toBe(
      "没有可合并的内容：所有 LoRA 的权重都是 0。",
    );
  });
});

it("what a LoRA left out is told in Chinese on its node", () => {
  const warnings: ErrorPayload[] = [];
  const context = { info: () => {}, warn: (warning: ErrorPayload) => warnings.push(warning) };
  const opened = {
    ...{ applied: 4, total: 6, unapplied: ["te.a", "te.b"], format: "kohya LoRA", rank: 4, triggerWords: [] },
    notes: ["Left out because they are for a text encoder: 2 keys."],
  };
  loraFacts(
    context as unknown as Parameters<typeof loraFacts>[0],
    opened as unknown as Parameters<typeof loraFacts>[1],
    { name: "style.safetensors", field: "lora" },
    { hasTextEncoder: false },
  );
  expect(warnings.map((warning) => problemText(say, warning))).toEqual([
    {
      message: "“style.safetensors”的 6 个键中有 2 个未应用：te.a、te.b。",
      help: "因属于文本编码器而略去：2 个键。其余的键有效。如果这些键属于文本编码器，请把它连接到此节点。",
    },
  ]);
});

describe("names in failures of the engine", () => {
  it("are said of models in lists, too, where they stand alone", () => {
    expect(saidText("Flux model")).toBe("Flux 模型");
    expect(saidText("Lumina-Image 2.0 or a Z-Image of another size")).toBe("Lumina-Image 2.0 或其他大小的 Z-Image");
  });

  it.each([...new Set([...foreignFamilies, ...loraFamilies])])("%s has Chinese words", (family) => {
    expect(familiesZhCN).toHaveProperty([family]);
  });
});

function tensor(shape: readonly number[]) {
  const count = shape.reduce((product, side) => product * side, 1);
  return { shape, dtype: "F32" as const, data: new Uint8Array(new Float32Array(count).buffer) };
}

const zImage = {
  ...{ dim: 64, n_layers: 2, n_refiner_layers: 1, n_heads: 2, in_channels: 16, cap_feat_dim: 32, norm_eps: 1e-5 },
  ...{ rope_theta: 256, axes_dims: [8, 12, 12], axes_lens: [64, 64, 64] },
};
