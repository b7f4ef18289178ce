import { globSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { nodeDefinitions } from "../nodes/definitions.ts";
import { definitionsZhCN } from "../renderer/locales/definitions.zh-CN.ts";
import { en } from "../renderer/locales/en.ts";
import { sentencesZhCN } from "../renderer/locales/sentences.zh-CN.ts";
import { templatesZhCN } from "../renderer/locales/templates.zh-CN.ts";
import { zhCN } from "../renderer/locales/zh-CN.ts";

/**
 * The page of a Chinese window, in which everything is looked for by its English name: what goes to a screen in English goes
 * there in Chinese, too.
 */
export function inChinese<T extends Page | Locator>(target: T): T {
  return new Proxy(target, {
    get(of, key) {
      const value: unknown = Reflect.get(of, key);
      if (typeof value !== "function" || key === "constructor") return value;
      return (...given: unknown[]) => {
        const result: unknown = Reflect.apply(value, of, translated(String(key), given));
        return isLocator(result) ? inChinese(result) : result;
      };
    },
  });
}

const isLocator = (value: unknown): value is Locator =>
  typeof value === "object" && value !== null && "getByRole" in value;

function translated(method: string, [first, second, ...more]: unknown[]): unknown[] {
  const options = (second ?? {}) as { name?: string | RegExp; exact?: boolean };
  if (method === "getByRole" && options.name !== undefined)
    return [first, { ...options, name: chineseOf(options.name, options.exact) }];
  if (/^getBy(Text|Placeholder|Label|Title)$/.test(method))
    return [chineseOf(first as string | RegExp, options.exact), options];
  // A command is searched for by its name.
  if (method === "fill") return [pairs.find(([english]) => english === first)?.[1] ?? first, second, ...more];
  return more.length > 0 || second !== undefined ? [first, second, ...more] : first === undefined ? [] : [first];
}

/** What no text of the interface says as it is. */
const byHand: Readonly<Record<string, RegExp>> = {
  "model model → sampler model": /^加载模型 模型 → 采样器 模型$/,
  "\\d+ \\/ \\d+ tokens": /\d+ \/ \d+ 个词元/,
  "^Seed .* set on Draw$": /^种子.* 在 Draw 上设置$/,
  "Started: \\d+ nodes": /开始：\d+ 个节点/,
};

/** Any of the Chinese texts for an English one, or for those that a pattern begins with; else as it is. */
function chineseOf(name: string | RegExp, isExact = false): string | RegExp {
  const known = byHand[typeof name === "string" ? name : name.source];
  if (known) return known;
  const [, words = "", rest = ""] = typeof name === "string" ? [] : (/^\^([^()\\[\]|]+)(.*)$/.exec(name.source) ?? []);
  const found = typeof name === "string" ? alternatives(name) : begun(words);
  if (found.length === 0) return name;
  const any = `(?:${found.join("|")})`;
  return new RegExp(typeof name === "string" ? (isExact ? `^${any}$` : any) : `^${any}${rest}`);
}

function alternatives(english: string): string[] {
  if (english === "") return [];
  const exact = pairs.flatMap(([one, chinese]) => (one === english ? [escaped(chinese)] : []));
  if (exact.length > 0) return exact;
  const filled = pairs.flatMap(([one, chinese]) => filledIn(one, chinese, english));
  return filled.length > 0 ? filled : begun(`${english} {{`);
}

function begun(english: string): string[] {
  const found = pairs.filter(([one]) => english !== "" && one.startsWith(english));
  return found.map(([, chinese]) => escaped(chinese).replaceAll(PLACEHOLDER, ".*"));
}

/** `Change Q of Gallery` of `Change {{keys}} of {{command}}`. */
function filledIn(one: string, chinese: string, english: string): string[] {
  if (!one.includes("{{") || one.replaceAll(/\{\{\w+\}\}/g, "").trim().length < 3) return [];
  const pattern = escaped(one).replaceAll(PLACEHOLDER, (_, name: string) => `(?<${name}>.+?)`);
  const values = new RegExp(`^${pattern}$`).exec(english)?.groups;
  if (!values) return [];
  return [
    escaped(chinese).replaceAll(PLACEHOLDER, (_, name: string) => {
      const value = values[name] ?? "";
      return `(?:${[escaped(value), ...alternatives(value)].join("|")})`;
    }),
  ];
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
const PLACEHOLDER = /\\\{\\\{(\w+)\\\}\\\}/g;

type Tree = { readonly [key: string]: string | Tree };
const leaves = (tree: Tree, path = ""): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value]] : leaves(value, `${path}${key}.`),
  );

const templatesFolder = resolve(import.meta.dirname, "../resources/templates");
const chinese = new Map(leaves(zhCN));
/** Each text in English, and in Chinese. */
const pairs: readonly (readonly [string, string])[] = [
  ...leaves(en).map(([key, text]) => [text, chinese.get(key) ?? ""] as const),
  ...nodeDefinitions.flatMap(({ type, title, inputs, outputs, params }) => {
    const words = definitionsZhCN[type];
    return [
      [title, words?.title ?? ""] as const,
      ...inputs.map(({ name, label }) => [label, words?.inputs?.[name] ?? ""] as const),
      ...outputs.map(({ name, label }) => [label, words?.outputs?.[name] ?? ""] as const),
      ...params.map(({ name, label }) => [label, words?.params?.[name]?.label ?? ""] as const),
    ];
  }),
  ...globSync("*.json", { cwd: templatesFolder }).map((file) => {
    const { title } = JSON.parse(readFileSync(join(templatesFolder, file), "utf8")) as { title: string };
    return [title, templatesZhCN[basename(file, ".json")]?.title ?? ""] as const;
  }),
  ...Object.entries(sentencesZhCN),
].filter(([, text]) => text !== "");
