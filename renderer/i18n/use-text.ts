import i18next, { type TOptions } from "i18next";
import { useMemo, useSyncExternalStore } from "react";
import type { NodeDefinition, ParamDefinition, PortDefinition } from "../../graph/definition.ts";
import { chineseWords } from "./chinese-words.ts";
import type { TextKey } from "./i18n.ts";

export interface Text {
  (key: TextKey, options?: TOptions): string;
  /** `Model, Positive and Latent`, as the language joins a list. */
  list(items: readonly string[]): string;
  /** Parts of an accessible name, which are read one after the other. */
  series(parts: readonly string[]): string;
  /** `Size: 4 MB`. */
  labelled(label: string, value: string): string;
}

function followLanguage(onChange: () => void): () => void {
  i18next.on("languageChanged", onChange);
  return () => i18next.off("languageChanged", onChange);
}

/** The language that the interface speaks now. */
export const useLanguage = (): string => useSyncExternalStore(followLanguage, () => i18next.language);

export function useText(): Text {
  const language = useLanguage();
  return textIn(language);
}

let lastText: { readonly language: string; readonly text: Text } | undefined;

/**
 * One function for a language: hundreds of components ask for it, and it has a formatter that takes long to make. A new one
 * for another language, so that memoised users follow a change of language.
 */
function textIn(language: string): Text {
  if (lastText?.language === language) return lastText.text;
  const t = i18next.getFixedT(language);
  const lists = new Intl.ListFormat(language, { type: "conjunction" });
  const text = Object.assign((key: TextKey, options: TOptions = {}) => String(t(key, options)), {
    list: (items: readonly string[]) => lists.format(items),
    series: (parts: readonly string[]) => parts.join(t("common.comma")),
    labelled: (label: string, value: string) => t("common.labelled", { label, value }),
  });
  lastText = { language, text };
  return text;
}

/** The words of node definitions in the language of the interface; English is the definitions' own. */
export interface DefinitionText {
  title(definition: NodeDefinition): string;
  description(definition: NodeDefinition): string;
  port(definition: NodeDefinition, side: "inputs" | "outputs", port: PortDefinition): string;
  param(definition: NodeDefinition, param: ParamDefinition): string;
  paramHelp(definition: NodeDefinition, param: ParamDefinition): string | undefined;
  option(definition: NodeDefinition, param: ParamDefinition, option: { value: string; label: string }): string;
  /** What is said of a socket or an option, or the example in an empty field. */
  sentence(english: string): string;
  sentence(english: string | undefined): string | undefined;
}

export function useDefinitionText(): DefinitionText {
  const language = useLanguage();
  return useMemo(() => definitionText(language), [language]);
}

export function definitionText(language: string): DefinitionText {
  const chinese = language === "zh-CN" ? chineseWords() : undefined;
  const words = chinese?.definitionsZhCN ?? {};
  const of = (definition: NodeDefinition) => words[definition.type];
  const paramWords = ({ type }: NodeDefinition, { name, origin }: ParamDefinition) =>
    words[origin?.type ?? type]?.params?.[origin?.param ?? name];
  /** An input that stands for a param is called as that is. */
  const paramOfPort = (definition: NodeDefinition, { name }: PortDefinition) => {
    const param = definition.params.find((candidate) => candidate.name === name);
    return param && !param.origin?.renamed ? paramWords(definition, param) : undefined;
  };
  function sentence(english: string): string;
  function sentence(english: string | undefined): string | undefined;
  function sentence(english: string | undefined) {
    return english === undefined ? english : (chinese?.sentencesZhCN[english] ?? english);
  }
  return {
    title: (definition) => of(definition)?.title ?? definition.title,
    description: (definition) => of(definition)?.description ?? definition.description,
    port: (definition, side, port) =>
      of(definition)?.[side]?.[port.name] ??
      (side === "inputs" ? paramOfPort(definition, port)?.label : undefined) ??
      port.label,
    param: (definition, param) =>
      (param.origin?.renamed ? undefined : paramWords(definition, param)?.label) ?? param.label,
    paramHelp: (definition, param) => paramWords(definition, param)?.help ?? param.description,
    option: (definition, param, option) => paramWords(definition, param)?.options?.[option.value] ?? option.label,
    sentence,
  };
}
