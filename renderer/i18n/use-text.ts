import type { i18n as I18n, TOptions } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { NodeDefinition, ParamDefinition, PortDefinition } from "../../graph/definition.ts";
import { definitionsZhCN } from "../locales/definitions.zh-CN.ts";
import { sentencesZhCN } from "../locales/sentences.zh-CN.ts";
import type { TextKey } from "./i18n.ts";

export interface Text {
  (key: TextKey, options?: TOptions): string;
  /** `Model, Positive and Latent`, as the language joins a list. */
  list(items: readonly string[]): string;
}

export function useText(): Text {
  const { i18n } = useTranslation();
  // A new function for each language, so that memoised users follow a change of language.
  return useMemo(() => textIn(i18n, i18n.language), [i18n, i18n.language]);
}

function textIn(i18n: I18n, language: string): Text {
  const t = i18n.getFixedT(language);
  const lists = new Intl.ListFormat(language, { type: "conjunction" });
  return Object.assign((key: TextKey, options: TOptions = {}) => String(t(key, options)), {
    list: (items: readonly string[]) => lists.format(items),
  });
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
  const { i18n } = useTranslation();
  return useMemo(() => definitionText(i18n.language), [i18n.language]);
}

export function definitionText(language: string): DefinitionText {
  const words = language === "zh-CN" ? definitionsZhCN : {};
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
    return english === undefined || language !== "zh-CN" ? english : (sentencesZhCN[english] ?? english);
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
