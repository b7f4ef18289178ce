import { beforeAll, describe, expect, it } from "vitest";
import type { NodeDefinition } from "../../graph/definition.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import { nodeDefinitions } from "../../nodes/definitions.ts";
import catalogue from "../../resources/catalogue.json" with { type: "json" };
import { loadChineseWords } from "../i18n/chinese-words.ts";
import { workflowOf } from "../i18n/template-text.ts";
import { TEMPLATE_GROUPS } from "../shell/template-groups.ts";
import { definitionsZhCN } from "./definitions.zh-CN.ts";
import { en } from "./en.ts";
import { saidZhCN } from "./said.zh-CN.ts";
import { sentencesZhCN } from "./sentences.zh-CN.ts";
import { templatesZhCN } from "./templates.zh-CN.ts";
import { zhCN } from "./zh-CN.ts";

type Tree = { [key: string]: string | Tree };
const leaves = (tree: Tree, path = ""): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value]] : leaves(value, `${path}${key}.`),
  );
const placeholders = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort();
/** Words, and no size, name or formula. */
const isSentence = (text: string | undefined): text is string =>
  text !== undefined && (/\s[a-z]{2,}/.test(text) || /^[A-Z][a-z]+$/.test(text));

describe("Simplified Chinese", () => {
  beforeAll(loadChineseWords);

  const english = new Map(leaves(en));
  const { problems: _problems, ...texts } = zhCN;
  const chinese = new Map(leaves(texts as Tree));

  it("has every text of the interface and no other", () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it("fills in the same values", () => {
    for (const [key, text] of english) expect(placeholders(chinese.get(key) ?? ""), key).toEqual(placeholders(text));
  });

  it.each(nodeDefinitions.map((definition) => [definition.type, definition] as const))(
    "has the words of %s",
    (type, definition) => {
      const words = definitionsZhCN[type];
      expect(words?.title).toBeTruthy();
      expect(words?.description).toBeTruthy();
      for (const port of definition.inputs) expect(words?.inputs?.[port.name], `input ${port.name}`).toBeTruthy();
      for (const port of definition.outputs) expect(words?.outputs?.[port.name], `output ${port.name}`).toBeTruthy();
      for (const { description } of [...definition.inputs, ...definition.outputs])
        if (description !== undefined) expect(sentencesZhCN).toHaveProperty([description]);
      for (const param of definition.params) {
        const translated = words?.params?.[param.name];
        expect(translated?.label, `param ${param.name}`).toBeTruthy();
        if (param.description) expect(translated?.help, `help of ${param.name}`).toBeTruthy();
        if (param.kind === "text" && isSentence(param.placeholder))
          expect(sentencesZhCN).toHaveProperty([param.placeholder]);
        // Names of algorithms are the same in every language.
        if (param.kind !== "choice" || param.options.length > 12) continue;
        for (const option of param.options) {
          expect(translated?.options?.[option.value], `option ${param.name}.${option.value}`).toBeTruthy();
          if (isSentence(option.description)) expect(sentencesZhCN).toHaveProperty([option.description]);
        }
      }
    },
  );
});

describe("what is said in Chinese", () => {
  const told = leaves({ zhCN, definitionsZhCN, templatesZhCN, sentencesZhCN, saidZhCN } as unknown as Tree);

  it("has one word for one thing", () => {
    expect(told.length).toBeGreaterThan(2000);
    // 蒙版, 便签, 你, LoRA 组合
    expect(told.filter(([, text]) => /遮罩|便笺|您|LoRA 堆/.test(text))).toEqual([]);
  });

  it("calls nodes, settings and buttons in quotes as they are called", () => {
    const known = new Set(told.map(([, text]) => text));
    const unknown = told.flatMap(([key, text]) =>
      [...text.matchAll(/“([^”{]*\p{Script=Han}[^”{]*)”/gu)].flatMap(([, name = ""]) =>
        known.has(name) || ["设置 > 设备", "节点.设置名"].includes(name) ? [] : [[key, name]],
      ),
    );
    expect(unknown).toEqual([]);
  });

  it("has the punctuation of Chinese", () => {
    const wrong = /\p{Script=Han}[,;:?!(]|[,;:?!)](?=\p{Script=Han})|\.\.\./u;
    // Shapes of tensors are written as everywhere.
    expect(told.filter(([, text]) => wrong.test(text.replaceAll(/\[[^\]]*\]/g, "")))).toEqual([]);
  });
});

describe("English", () => {
  /** Of a parameter: what stands on the card, and what explains it. */
  const ofParam = ({ label, description, ...param }: NodeDefinition["params"][number]) => [
    label,
    description ?? "",
    ...(param.kind === "choice" ? param.options.flatMap((one) => [one.label ?? "", one.description ?? ""]) : []),
  ];
  const texts = [
    ...leaves(en),
    ...nodeDefinitions.flatMap(({ type, title, description, inputs, outputs, params }) =>
      [
        title,
        description,
        ...[...inputs, ...outputs].flatMap((port) => [port.label ?? "", port.description ?? ""]),
        ...params.flatMap(ofParam),
      ].map((text) => [type, text] as const),
    ),
    ...catalogue.entries.map(({ id, description }) => [id, description] as const),
    ...Object.entries(
      import.meta.glob<WorkflowDocument>("../../resources/templates/*.json", { eager: true, import: "default" }),
    ).flatMap(([path, { title, description, nodes }]) =>
      [title, description ?? "", ...nodes.flatMap(({ type, params }) => (type === "note" ? [params.text] : []))].map(
        (text) => [path, String(text)] as const,
      ),
    ),
  ];

  it.each([
    ["curly apostrophes and quotes", /['"]/],
    ["one sign for three dots", /\.\.\./],
    ["colons and commas where a hyphen would stand for a dash", /\s--?\s(?=[a-z])/],
  ])("has %s", (_, pattern) => {
    expect(texts.length).toBeGreaterThan(1000);
    expect(texts.filter(([, text]) => pattern.test(text))).toEqual([]);
  });
});

describe("templates", () => {
  const folder = "../../resources/templates";
  const files = import.meta.glob<WorkflowDocument>("../../resources/templates/*.json", {
    eager: true,
    import: "default",
  });
  const previews = Object.keys(import.meta.glob("../../resources/templates/previews/*.webp"));
  const templates = Object.entries(files).map(([path, document]) => ({
    id: path.slice(folder.length + 1, -".json".length),
    title: document.title,
    description: document.description ?? "",
    document,
  }));
  const ids = templates.map(({ id }) => id).sort();

  it("have words in Simplified Chinese, a picture and a group each, and nothing else has", () => {
    expect(ids.length).toBeGreaterThan(0);
    expect(Object.keys(templatesZhCN).sort()).toEqual(ids);
    expect(previews.map((path) => path.slice(folder.length + "/previews/".length, -".webp".length)).sort()).toEqual(
      ids,
    );
    expect(Object.values(TEMPLATE_GROUPS).flat().sort()).toEqual(ids);
  });

  it.each(templates.map((template) => [template.id, template] as const))(
    "%s opens in Simplified Chinese",
    (_, template) => {
      const document = workflowOf(template, "zh-CN");
      expect(document.title).toBe(templatesZhCN[template.id]?.title);
      expect(document.description).toMatch(/\p{Script=Han}/u);
      // What people read on the canvas: notes, and titles that nodes were given.
      const words = document.nodes.flatMap(({ type, title, params }) => title ?? (type === "note" ? params.text : []));
      for (const word of words) expect(word).toMatch(/\p{Script=Han}/u);
      expect(workflowOf(template, "en")).toEqual(template.document);
    },
  );
});
