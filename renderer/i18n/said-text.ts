import i18next from "i18next";
import { type ChineseWords, chineseWords } from "./chinese-words.ts";
import type { Text } from "./use-text.ts";

/**
 * What the engine says in English sentences that no code stands for (why a plan was chosen, what a model is made of), in the
 * language of the window. What is not known stays as it is.
 */
export function saidText(english: string): string {
  const words = i18next.language === "zh-CN" ? chineseWords() : undefined;
  return words ? (translated(english, formsOf(words)) ?? english) : english;
}

/** A fact of a node's run, as people read it. */
export function factText(text: Text, name: string, value: string | number | boolean): string {
  if (typeof value === "boolean") return text(value ? "common.yes" : "common.no");
  const variant = `variants.${value}` as "variants.turbo";
  if (name === "variant" && i18next.exists(variant)) return text(variant);
  if (name === "hasNsfwConcepts")
    return text.list(answersIn(String(value)).map((is) => text(is ? "common.yes" : "common.no")));
  return typeof value === "number" || OWN_WORDS.has(name) ? String(value) : saidText(value);
}

/** Whether the {@link factText} of a fact says nothing without its name, as bare numbers and answers do. */
export const needsName = (text: Text, value: string): boolean =>
  /^-?[\d.]+(e[+-]\d+)?$/.test(value) || [text("common.yes"), text("common.no")].includes(value);

/** Texts of workflows and names of files say what they say. */
const OWN_WORDS = new Set([
  "text",
  "choices",
  "triggerWords",
  "model",
  "file",
  "classifier",
  "detector",
  "preprocessor",
]);

/** `[true,false]`, one for each picture. */
function answersIn(json: string): boolean[] {
  return json
    .slice(1, -1)
    .split(",")
    .map((answer) => answer === "true");
}

/** `Starter, text encoder`: the name of a model, which for a part of one says which. */
export function modelName(text: Text, { title, label }: { title?: string | null; label: string }): string {
  const [, whole, part] = title ? [] : (/^(.+), (diffusion model|text encoder|VAE)$/.exec(label) ?? []);
  const kind = { "diffusion model": "diffusionModel", "text encoder": "textEncoder", VAE: "vae" } as const;
  if (i18next.language === "en" || !whole || !part) return title || label;
  return text.series([whole, text(`kinds.${kind[part as keyof typeof kind]}`)]);
}

interface Forms {
  readonly exact: Readonly<Record<string, string>>;
  readonly patterns: readonly (readonly [RegExp, string])[];
}

let known: { readonly words: ChineseWords; readonly forms: Forms } | undefined;

function formsOf(words: ChineseWords): Forms {
  if (known?.words !== words) known = { words, forms: { exact: words.saidZhCN, patterns: patternsOf(words.saidZhCN) } };
  return known.forms;
}

function patternsOf(said: Readonly<Record<string, string>>): [RegExp, string][] {
  return (
    Object.entries(said)
      .filter(([english]) => /\{\{|\(s\)/.test(english))
      // What says more comes first: “The picture "a" is not …” before anything that only ends so.
      .sort(([a], [b]) => b.length - a.length)
      .map(([english, chinese]) => {
        const source = english
          .replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&")
          .replaceAll("\\(s\\)", "s?")
          .replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => `(?<${name}>.+?)`);
        return [new RegExp(`^${source}$`, "s"), chinese];
      })
  );
}

function translated(english: string, forms: Forms): string | undefined {
  const exact = Object.hasOwn(forms.exact, english) ? forms.exact[english] : undefined;
  if (exact !== undefined) return exact;
  for (const [pattern, chinese] of forms.patterns) {
    const values = pattern.exec(english)?.groups;
    if (values)
      return chinese.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
        const value = values[name] ?? "";
        return name === "rest" ? (translated(value, forms) ?? value) : value;
      });
  }
  const sentences = english.split(/(?<=\.)\s+(?=[A-Z0-9])/);
  if (sentences.length > 1) return joined(sentences, "", forms);
  const parts = english.replace(/\.$/, "").split(", ");
  return parts.length > 1 ? joined(parts, "，", forms, english.endsWith(".") ? "。" : "") : undefined;
}

/** Each by itself; names are the same in every language. */
function joined(parts: readonly string[], glue: string, forms: Forms, end = ""): string | undefined {
  const said = parts.map((part) => translated(part, forms) ?? (isName(part) ? part : undefined));
  return said.every((part) => part !== undefined) ? said.join(glue) + end : undefined;
}

/** `Z-Image`, `BF16`: no words. */
const isName = (part: string) => !/(^|\s)[a-z]{2,}/.test(part);
