import i18next from "i18next";
import { useMemo } from "react";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { Template } from "../../protocol/contract.ts";
import { chineseWords } from "./chinese-words.ts";
import { definitionText, useLanguage } from "./use-text.ts";

/** A template's title and description in the language of the interface; English is the template's own. */
export interface TemplateText {
  title(template: Template): string;
  description(template: Template): string;
}

export function useTemplateText(): TemplateText {
  const language = useLanguage();
  return useMemo(() => {
    const of = ({ id }: Template) => wordsOf(id, language);
    return {
      title: (template) => of(template)?.title ?? template.title,
      description: (template) => of(template)?.description ?? template.description,
    };
  }, [language]);
}

/** A workflow of one's own from a template, with its words, notes and titles in the language of the interface. */
export function workflowOf(template: Template, language: string = i18next.language): WorkflowDocument {
  const document = structuredClone(template.document);
  const words = wordsOf(template.id, language);
  if (!words) return document;
  return {
    ...document,
    title: words.title,
    description: words.description,
    nodes: document.nodes.map((node) => {
      const text = words.nodes?.[node.id];
      if (text === undefined) return node;
      return node.title === undefined ? { ...node, params: { ...node.params, text } } : { ...node, title: text };
    }),
  };
}

/** A workflow that was made from another program's settings, with the titles that it was given in the language of the interface. */
export function withSpokenTitles(
  document: WorkflowDocument,
  { sentence } = definitionText(i18next.language),
): WorkflowDocument {
  const titled = <T extends { title?: string | undefined }>(one: T): T =>
    one.title === undefined ? one : { ...one, title: sentence(one.title) };
  return { ...titled(document), nodes: document.nodes.map(titled) };
}

const wordsOf = (id: string, language: string) =>
  language === "zh-CN" ? chineseWords()?.templatesZhCN[id] : undefined;
