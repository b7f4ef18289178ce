import i18next from "i18next";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { type ErrorPayload, toHeddleError } from "../../common/errors.ts";
import type { NodeDefinition } from "../../graph/definition.ts";
import type { WorkflowDocument, WorkflowLink, WorkflowNode } from "../../graph/document.ts";
import { withLinkedParams } from "../../graph/execution/linked-params.ts";
import { openAnyWorkflow } from "../../graph/importers/index.ts";
import type { ImportReport } from "../../graph/importers/report.ts";
import { parseWorkflow, parseWorkflowText } from "../../graph/parse.ts";
import { parseSubgraphFile } from "../../graph/subgraphs/file.ts";
import { validateWorkflow } from "../../graph/validate.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { evaluate } from "../../nodes/maths/evaluate.ts";
import { parseNumbers } from "../../nodes/number-list/parse-numbers.ts";
import { decodePictureFile } from "../../nodes/picture-file.ts";
import { batchOf, evenPicture, runNode } from "../../nodes/testing/run-node.ts";
import { createTestServices } from "../../nodes/testing/test-services.ts";
import { expandWildcards } from "../../nodes/wildcards/expand.ts";
import { zhCN } from "../locales/zh-CN.ts";
import { readWorkflowFile } from "../session/workflow-file.ts";
import { loadChineseWords } from "./chinese-words.ts";
import { problemText } from "./problem-text.ts";

beforeAll(async () => {
  await loadChineseWords();
  await i18next.init({
    lng: "zh-CN",
    resources: { "zh-CN": { translation: zhCN } },
    interpolation: { escapeValue: false },
  });
});

const said = (problem: ErrorPayload) => {
  const { message, help } = problemText((key, values = {}) => String(i18next.t(key, values)), problem);
  return `${message}${help}`;
};

/** What a function throws, in Chinese. */
async function thrown(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    return said(toHeddleError(error).toPayload());
  }
  throw new Error("nothing was thrown");
}

function reportOf(text: string): ImportReport {
  const { report } = openAnyWorkflow(text, { definitions: findDefinition });
  if (!report) throw new Error("nothing was imported");
  return report;
}

function definitionOf(type: string): NodeDefinition {
  const definition = findDefinition(type);
  if (!definition) throw new Error(`there is no node ${type}`);
  return definition;
}

type NodeParts = Partial<WorkflowNode> & { type: string };

function workflow(nodes: Readonly<Record<string, NodeParts>>, links: readonly string[] = []): WorkflowDocument {
  return parseWorkflow({
    format: "heddle-workflow",
    version: 1,
    title: "",
    nodes: Object.entries(nodes).map(([id, node]) => ({ id, typeVersion: 1, params: {}, ...node })),
    links: links.map((link, index): WorkflowLink => {
      const [from, to] = link.split(" > ").map((end) => end.split(".")) as [[string, string], [string, string]];
      return {
        id: `link-${index}`,
        from: { node: from[0], port: from[1] },
        to: { node: to[0], port: to[1] },
      };
    }),
  }).document;
}

const problemsOf = (...parts: Parameters<typeof workflow>) =>
  validateWorkflow(workflow(...parts), findDefinition).map(said);

describe("what is wrong with a workflow", () => {
  it("names nodes, sockets, types, settings and options by their Chinese names", () => {
    expect(
      problemsOf(
        {
          save: { type: "save-image" },
          3: { type: "resize-image", params: { width: 9999, mode: "odd", extra: 1 } },
          mine: { type: "resize-image", title: "My size", params: { width: 1020 } },
        },
        ["3.image > save.image", "3.width > mine.image"],
      ),
    ).toEqual([
      "“调整图像大小（3）”的输入“图像”需要连接。请把“图像”类型的输出接到这里。",
      "“调整图像大小（3）”的“宽度”为 9999 px，大于 8192。请输入 16 到 8192 px 之间的整数，且为 16 的倍数。",
      '“调整图像大小（3）”的“方式”不能为 "odd"。请选择其中之一：填满、适应、拉伸、保持形状。',
      "“调整图像大小（3）”没有名为“extra”的设置，已忽略。它的设置有：宽度、高度、方式、保留、边条。",
      "“My size（mine）”的“宽度”为 1020，不是 16 的倍数。最接近的可用值为 1008 和 1024。",
      "“调整图像大小（3）”的输出“宽度”是“整数”类型，而“My size（mine）”的输入“图像”需要“图像”。请改接“图像”类型的输出。",
    ]);
  });

  it("tells what is wrong with values of every kind", () => {
    expect(
      problemsOf({
        sampler: { type: "sampler", params: { seed: -1, steps: 0 } },
        loras: { type: "lora-stack", params: { loras: [{ name: "a", weight: 99, enabled: true }] } },
        lora: { type: "load-lora", params: { lora: "", weight: "x" } },
        prompt: { type: "prompt", params: { text: 5 } },
      }).filter((sentence) => !sentence.includes("需要连接")),
    ).toEqual([
      "“采样器”的“种子”为 -1，超出范围。请输入 0 到 9223372036854775807 之间的整数。",
      "“采样器”的“步数”为 0，小于 1。请输入 1 到 100 之间的整数。",
      "“LoRA 组合（loras）”的“LoRA 列表”中第 1 个 LoRA（“a”）的权重为 99。请输入 -4 到 4 之间的数。",
      "“加载 LoRA（lora）”的“LoRA”为空。请从列表中选择模型。",
      '“加载 LoRA（lora）”的“权重”必须为数字，现为 "x"。请输入 -4 到 4 之间的数。',
      "“提示词”的“提示词”必须为文本，现为 5。请输入文字。",
      "工作流没有输出节点，没有可运行的内容。请添加“保存图像”或“预览图像”节点。",
    ]);
  });

  it("tells what is wrong with links", () => {
    expect(
      problemsOf(
        {
          off: { type: "load-image", mode: "bypassed" },
          one: { type: "reroute" },
          two: { type: "reroute" },
          odd: { type: "comfyui/KSampler" },
          seen: { type: "preview-image" },
        },
        ["off.image > seen.image", "one.value > two.value", "two.value > one.value", "one.x > ghost.y"],
      ),
    ).toEqual([
      "“comfyui/KSampler（odd）”是 ComfyUI 的节点，Heddle 没有对应的节点。请将其静音或删除，或换用 Heddle 的节点。",
      "“预览图像（seen）”的输入“图像”没有得到任何内容：“加载图像（off）”已旁路，且没有可以传递的“图像”类型的输入。请取消该节点的旁路，或改接其他节点。",
      "一条连线通向不存在的节点“ghost”。请删除这条连线。",
      "这些节点的连线形成环路，无法开始运行：转接（two）、转接（one）。请删除它们之间的一条连线。",
    ]);
  });

  it("tells of a value that comes over a link", async () => {
    expect(await thrown(() => withLinkedParams(definitionOf("sampler"), {}, { steps: 99999 }))).toBe(
      "连接到“步数”的值为 99999，大于 100。请输入 1 到 100 之间的整数。",
    );
  });
});

describe("files that cannot be read, or only after a repair", () => {
  it.each([
    ["", "工作流文件是空的。请打开工作流（.json）或由 Heddle 保存的图片。"],
    ["[]", "工作流应为 JSON 对象，而此文件的内容是列表。请打开工作流（.json）或由 Heddle 保存的图片。"],
    ['{"a":1}', "此 JSON 文件不是 Heddle 的工作流：缺少“format”。请打开由 Heddle 保存的工作流。"],
    [
      '{"format":"heddle-workflow","version":99}',
      "此工作流的格式版本为 99，此 Heddle 最高可读取版本 1。请更新 Heddle。",
    ],
    [
      '{"format":"heddle-workflow","version":1,"title":1,"nodes":[{"type":"note"}]}',
      "工作流已损坏，共有 2 个字段不正确，例如：title 应为文本，而不是数字；nodes[0].id 应为文本，但没有找到。请用文本编辑器更正这些字段，或打开其他文件。",
    ],
  ])("%s", async (text, expected) => {
    expect(await thrown(() => parseWorkflowText(text))).toBe(expected);
  });

  it("says what is wrong with the file of a subgraph", async () => {
    const text = '{"format":"heddle-subgraph","version":1,"subgraphs":[{}]}';
    expect(await thrown(() => parseSubgraphFile(text))).toBe(
      "这不是可读取的子图：subgraphs.0.id 应为文本，但没有找到。请从子图原来的工作流重新导出。",
    );
  });

  it("says each repair", () => {
    const { repairs } = parseWorkflow({
      ...{ format: "heddle-workflow", version: 1, title: "", exposed: 3, models: 3 },
      nodes: [{ id: "a", type: "note", typeVersion: 1, params: {}, position: 3, size: 3, mode: "odd" }],
      links: [{ id: "x" }],
    });
    expect(repairs.map((repair) => said(repair).replace("请检查后保存工作流。", ""))).toEqual([
      "节点“a”没有可用的位置，已放到原点。",
      "节点“a”没有可用的大小，已改用默认大小。",
      '节点“a”的模式 "odd" 未知，现已启用该节点。',
      "第 1 条连线没有两个端点，已移除。",
      "工作流表单中有一些条目无法读取，已移除。",
      "工作流中关于模型的部分信息无法读取，已移除。",
    ]);
  });
});

describe("failures of nodes", () => {
  it.each<[() => unknown, string]>([
    [() => evaluate("1/0", {}), "“1/0”没有有限的结果（Infinity）。请检查是否除以零，或对不大于 0 的数开方或取对数。"],
    [() => evaluate("a+", { a: 1 }), "无法读取“a+”：第 3 个字符处有误。请按 round(a * 1.5 / 16) * 16 的样子书写。"],
    [() => evaluate("a | 1", { a: 1 }), "表达式中不能使用运算符 |。请使用数字、a 到 d、运算符和函数。"],
    [() => evaluate("foo", { a: 1 }), "没有名为“foo”的数。可用的有 a, pi, e, true, false。"],
    [() => evaluate("pow(1)", {}), "“pow”需要 2 个值，却有 1 个。请用逗号分隔各个值。"],
    [() => parseNumbers("x"), "“x”既不是数字也不是范围。请写用逗号分隔的数字，范围写作 1..8 或 0.2..1/0.2。"],
    [() => parseNumbers("1..2000"), "列表中有 2000 个数字，最多可运行 1000 次。请缩短列表，或加大范围的步长。"],
    [
      () => expandWildcards("a {b", { seed: 1n, readFile: async () => [] }),
      "“a {b”中第 3 个字符处的花括号没有闭合。请补上右花括号；若要写花括号本身，请写 \\{。",
    ],
    [
      () => expandWildcards("a __c__", { seed: 1n, readFile: async () => ["0::x"] }),
      "“c”的所有选项权重均为 0。请给其中一个大于 0 的权重。",
    ],
    [
      () => decodePictureFile(new Uint8Array(3)),
      "该文件不是可读取的图片，或已损坏。请使用 PNG、JPEG、WebP、GIF、TIFF 或 AVIF 文件。",
    ],
    [
      () => runNode("text-template", {}, { template: "{{a}}" }),
      "模板中有 {{a}}，但“a”没有连接任何内容。请在输入“a”连接内容，或删去 {{a}}。",
    ],
    [() => runNode("switch"), "“切换”已打开，但“打开时”没有连接任何内容。请在那里连接内容，或改变切换的状态。"],
    [
      () => runNode("crop-image", { image: batchOf(evenPicture(8, 8, [0])) }, { left: 9 }),
      "矩形从（9，0）开始，在 8 × 8 的图片之外。请将其移到图片内。",
    ],
  ])("%#", async (work, expected) => {
    expect(await thrown(work)).toBe(expected);
  });

  it("says which file of a folder a warning is about", async () => {
    const { services, inputFiles } = createTestServices();
    inputFiles.set("a.png", new Uint8Array(3));
    inputFiles.set(
      "b.png",
      await sharp(new Uint8Array(192), { raw: { width: 8, height: 8, channels: 3 } })
        .png()
        .toBuffer(),
    );
    const { warnings } = await runNode("load-folder", {}, { folder: "" }, services);
    expect(warnings.map(said)).toEqual([
      "a.png：该文件不是可读取的图片，或已损坏。请使用 PNG、JPEG、WebP、GIF、TIFF 或 AVIF 文件。",
    ]);
  });
});

describe("the report of an import", () => {
  const files = import.meta.glob<string>("../../test/fixtures/comfyui/*.json", {
    eager: true,
    query: "?raw",
    import: "default",
  });

  it("is in Chinese for all that files of ComfyUI leave to say", () => {
    const reports = Object.values(files).map((text) => reportOf(text));
    const notes = reports.flatMap((report) => [...report.notes, ...report.kept]);
    expect(notes.length).toBeGreaterThan(10);
    for (const note of notes) {
      expect(said(note)).not.toContain(note.message);
      expect(said(note)).toMatch(/\p{Script=Han}/u);
    }
  });

  it("comes with a workflow whose titles are Chinese where Heddle gave them", () => {
    const bytes = new TextEncoder().encode(
      '{"prompt":"a fox","negative_prompt":"fog","image_url":"https://x.example/a"}',
    );
    const { document } = readWorkflowFile({ name: "fox.json", bytes }, findDefinition);
    const titles = document.nodes.flatMap(({ title }) => title ?? []);
    expect([document.title, ...titles]).toEqual(["Z-Image，来自 fal 请求", "作为起点的图片", "负向提示词"]);
  });

  it("says what would replace a node and which settings were left", () => {
    const { kept, notes } = reportOf(
      JSON.stringify({
        1: { class_type: "KSampler", inputs: { seed: 1, steps: 8, odd: "yes" } },
        2: { class_type: "FaceDetailer", _meta: { title: "Faces" }, inputs: { image: ["1", 0] } },
        3: { class_type: "LoadImage", inputs: { image: "fox.png" } },
        4: { class_type: "EmptyLatentImage", inputs: { width: 1000, height: 1024, batch_size: 1 } },
      }),
    );
    expect(kept.map(said)).toEqual([
      "Heddle 没有“Faces（FaceDetailer）”的对应节点。它连同设置和连线一起保留，但不会运行。请使用“面部细化”，它会重绘每张脸。",
    ]);
    expect(notes.map(said)).toEqual([
      '“KSampler”的 odd 为 "yes"，Heddle 没有对应的设置。该值保留在文件中。请查看结果是否符合预期。',
      "图片“fox.png”不在文件中。请把你的那一份拖到“加载图像”节点上。",
      "宽度原为 1000，现为 1008：边长须为 16 的倍数。如果必须是准确的尺寸，请在之后裁剪图片。",
    ]);
  });

  it.each([
    ...[
      "JoyCaption",
      "ShowText",
      "VRAM cleaner",
      "Sage",
      "Circular VAE",
      "Load Image Fancy",
      "Image Comparer",
      "SeedVR2",
    ],
    ...[
      "FaceDetailer",
      "ReActor",
      "ConditioningConcat",
      "Video Combine",
      "CLIPSetLastLayer",
      "SigmaTail",
      "ClownsharK",
    ],
    ...["CFGGuider", "LoRA Manager", "UNet Fancy", "DepthAnything", "ControlNet Fancy", "String Fancy", "Math Fancy"],
    ...["Export Fancy", "SAM", "Crop Fancy"],
  ])("says what would do the work of a %s", (type) => {
    const [kept] = reportOf(JSON.stringify({ 1: { class_type: type, inputs: {} } })).kept;
    expect(kept?.details.cause).toBeTypeOf("string");
    expect(zhCN.problems).toHaveProperty([`import-no-equal_${kept?.details.cause}`]);
  });

  it("is in Chinese for requests and settings of other programs", () => {
    const texts = [
      '{"prompt":"a fox","loras":[{"path":"https://x.example/a.safetensors"}],"image_url":"https://x.example/a.png","odd":1}',
      '[{"taskType":"imageInference","positivePrompt":"a fox","scheduler":"odd","checkNSFW":true,"odd":1}]',
      "a fox\nSteps: 8, Sampler: Odd, CFG scale: 1, Seed: 1, Size: 64x64, Hires upscale: 2",
    ];
    for (const note of texts.flatMap((text) => reportOf(text).notes)) {
      expect(said(note)).not.toContain(note.message);
    }
  });
});
