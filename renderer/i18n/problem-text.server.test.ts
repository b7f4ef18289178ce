import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import i18next from "i18next";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ErrorPayload, HeddleError, toHeddleError } from "../../common/errors.ts";
import { readModelCard } from "../../engine/model-card.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { engineStartError, engineStoppedError } from "../../server/engine-process/exit-error.ts";
import { fetchPicture } from "../../server/http/fetch-picture.ts";
import { createGuardedFetch } from "../../server/http/guarded-fetch.ts";
import { asDiskError, gaveUp, noSpace } from "../../server/models/downloads/download-errors.ts";
import { parseAddress } from "../../server/models/downloads/hub.ts";
import { Passing } from "../../server/models/downloads/retry.ts";
import { extraModelPaths } from "../../server/models/extra-model-paths.ts";
import { recogniseFolder } from "../../server/models/model-roots.ts";
import { listFolders } from "../../server/services/folder-listing.ts";
import { createInputFolder } from "../../server/services/input-folder.ts";
import { createModelLibrary } from "../../server/services/model-library.ts";
import { createOutputFolder } from "../../server/services/output-folder.ts";
import { createWildcardLibrary } from "../../server/services/wildcard-library.ts";
import { zhCN } from "../locales/zh-CN.ts";
import { readWorkflowFile } from "../session/workflow-file.ts";
import { loadChineseWords } from "./chinese-words.ts";
import type { TextKey } from "./i18n.ts";
import { problemText } from "./problem-text.ts";
import { saidText } from "./said-text.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-problems-"));
  await loadChineseWords();
  await i18next.init({
    lng: "zh-CN",
    resources: { "zh-CN": { translation: zhCN } },
    interpolation: { escapeValue: false },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const inChinese = (error: unknown) =>
  problemText((key: TextKey, options = {}) => String(i18next.t(key, options)), toHeddleError(error));
const kept = (payload: ErrorPayload | undefined) => payload && new HeddleError(payload);
const of = async (work: () => unknown) => {
  try {
    await work();
  } catch (error) {
    return inChinese(error);
  }
  throw new Error("It did not fail.");
};
const message = async (work: () => unknown) => (await of(work)).message;

test("files and folders are told with their names and what the system said of them", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  expect(await of(() => createOutputFolder(join(file, "in")).write("a", "png", new Uint8Array()))).toEqual({
    message: `无法保存到“${join(file, "in")}”：路径中有一部分是文件，而不是文件夹。`,
    help: "请腾出空间或选择其他文件夹后再次保存；内容仍在内存中。",
  });
  expect(await message(() => createOutputFolder(folder).write("../a", "png", new Uint8Array()))).toBe(
    "名称“../a”指向输出文件夹之外。",
  );
  expect(await message(() => listFolders({ path: join(folder, "no") }))).toBe(`“${join(folder, "no")}”不存在。`);
  expect(await message(() => listFolders({ path: "no/path" }))).toBe("“no/path”不是完整路径。");
  expect(await message(() => listFolders({ path: `/${"long".repeat(100)}` }))).toBe(
    `无法读取“/${"long".repeat(100)}”：名称过长。`,
  );
  expect(await of(() => createInputFolder(folder).list("cats", false))).toEqual({
    message: "“inputs”文件夹中没有“cats”。",
    help: `请将图片放入“${join(folder, "cats")}”。`,
  });
  expect(await message(() => createInputFolder(join(folder, "no")).list("", false))).toBe("还没有“inputs”文件夹。");
});

test("models, wildcards and folders of other programs", async () => {
  const library = createModelLibrary({ roots: () => [{ path: folder, source: folder }], resources: folder });
  expect(await of(() => library.resolve("lora", "style.safetensors"))).toEqual({
    message: "本机没有名为“style.safetensors”的 LoRA。",
    help: `请从列表中选择其他模型，在模型管理器中获取它，或将其放入“${folder}”。`,
  });
  expect((await of(() => library.resolve("checkpoint", "starter/large"))).help).toBe(
    "请从列表中选择；入门模型有 starter/turbo 和 starter/base。",
  );
  const wildcards = createWildcardLibrary(folder);
  expect((await of(() => wildcards.read("animals"))).help).toBe(`请将 animals.txt 放入“${folder}”，每行一个选项。`);
  await writeFile(join(folder, "empty.txt"), "# nothing\n");
  expect(await message(() => wildcards.read("empty"))).toBe("通配符文件“empty”中没有可选的行。");
  expect((await of(() => wildcards.read("animals"))).help).toBe(
    `请将 animals.txt 放入“${folder}”，或使用其中之一：empty。`,
  );
  const yaml = join(folder, "extra_model_paths.yaml");
  await writeFile(yaml, "- a list");
  expect(await message(() => extraModelPaths(yaml))).toBe(`无法读取“${yaml}”：它的结构与 ComfyUI 的文件不同。`);
  const { problem } = recogniseFolder(yaml);
  expect(inChinese(kept(problem)).message).toBe(`无法读取“${yaml}”：它的结构与 ComfyUI 的文件不同。`);
});

test("what is wrong with the card of a model", async () => {
  const card = join(folder, "heddle.json");
  const said = async () => inChinese(kept((await readModelCard(folder)).warnings[0])).message;
  await writeFile(card, '{ "title": 3, "sizes": { "min": -1, "max": 8, "multipleOf": 1 } }');
  expect(await said()).toBe(`已忽略“${card}”：title 应为文本，而不是数字；sizes.min 应大于 0。`);
  await writeFile(card, "no JSON");
  expect(await said()).toBe(`已忽略“${card}”：应为对象，但没有找到。`);
  await rm(card);
  await mkdir(card);
  expect(await said()).toBe(`已忽略“${card}”：EISDIR: illegal operation on a directory, read。`);
});

test("what was asked of the network", async () => {
  const fetch = createGuardedFetch({ resolve: async () => ["192.168.1.1"] });
  expect(await message(() => fetch("http://nas.example/a.png"))).toBe(
    "nas.example 指向 192.168.1.1，它不在公共互联网上。",
  );
  expect(await message(() => fetch("file:///etc/passwd"))).toBe("“file:///etc/passwd”不是 http(s) 地址。");
  const answers404 = async () => ({ status: 404, headers: {}, body: new Uint8Array() });
  expect(await message(() => fetchPicture("https://a.example/b.png", answers404))).toBe("a.example 返回了 404。");
  expect(inChinese(gaveUp("a.example", new Passing("overloaded", "it is overloaded", { said: 503 }))).message).toBe(
    "与 a.example 的连接反复失败：对方目前过载（503）。",
  );
  expect(inChinese(noSpace("/models", 12e9, 3e9)).message).toBe(
    "下载需要在“/models”中占用 12.0 GB，但那里只有 3.0 GB 可用。",
  );
  const full = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
  expect(inChinese(asDiskError(full, "/models")).message).toBe("“/models”所在的磁盘已满，下载已停止。");
  expect(await message(() => parseAddress("what is this", "https://huggingface.co"))).toBe(
    "“what is this”既不是仓库名称，也不是地址。",
  );
});

test("the engine, and what nobody foresaw", () => {
  const exit = { code: null, signal: "SIGSEGV" as const, errorOutput: "" };
  expect(inChinese(engineStoppedError(exit, false)).message).toBe("推理引擎崩溃了。");
  expect(inChinese(engineStartError({ ...exit, errorOutput: "Error: no such module" })).message).toBe(
    "推理引擎无法启动：Error: no such module",
  );
  expect(inChinese(engineStartError(exit)).message).toBe("推理引擎无法启动。");
  expect(inChinese(new TypeError("x is not a function"))).toEqual({
    message: "Heddle 内部出错：x is not a function",
    help: "请再次运行。若仍然出现，请从日志复制报告并连同工作流一起提交问题。",
  });
});

test("failures that were kept without what their sentence says are told in English", () => {
  const earlier = { code: "internal-error", message: "Something went wrong inside Heddle: x", help: "Run it again." };
  expect(inChinese(kept(earlier))).toMatchObject(earlier);
  // A cause without a sentence of its own has that of its code.
  expect(inChinese(kept({ ...earlier, code: "engine-stopped", details: { cause: "new" } })).message).toBe(
    "推理引擎意外结束。",
  );
});

test("what was found of devices that do not work", () => {
  const reasons = [
    "its attention is wrong",
    "its driver did not answer within 60 seconds",
    "its driver ended the process (SIGSEGV)",
    "it ended the engine in the middle of 2 runs within a week",
  ];
  expect(reasons.map(saidText)).toEqual([
    "注意力的计算结果有误",
    "其驱动程序在 60 秒内没有响应",
    "其驱动程序使试用的进程终止（SIGSEGV）",
    "一周内在 2 次运行途中使引擎终止",
  ]);
  // The words of a driver are its own.
  const own = "Failed to get a WebGPU adapter: No supported adapters";
  expect(saidText(own)).toBe(own);
});

test("files that a person opens in the window", () => {
  const bytes = Uint8Array.of(0xff, 0xfe, 0xfd);
  const open = () => readWorkflowFile({ name: "cats.json", bytes }, findDefinition);
  return expect(of(open)).resolves.toEqual({
    message: "“cats.json”不是工作流文件。",
    help: "请打开工作流（.json）或由 Heddle 保存的图片。",
  });
});
