import { type Term, termSchema } from "../../graph/problem-terms.ts";
import { chineseWords } from "./chinese-words.ts";
import { saidText } from "./said-text.ts";

type Chinese = NonNullable<ReturnType<typeof chineseWords>>;

/** Values of a problem's details as its sentence says them in Chinese: terms and lists in words, all else as it is. */
export function spokenValues(details: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const chinese = chineseWords();
  if (!chinese) return { ...details };
  return Object.fromEntries(Object.entries(details).map(([name, value]) => [name, spoken(value, chinese)]));
}

function spoken(value: unknown, chinese: Chinese): unknown {
  if (Array.isArray(value)) return chinese.termsZhCN.list(value.map((item) => String(spoken(item, chinese))));
  const term = typeof value === "object" && value !== null ? termSchema.safeParse(value).data : undefined;
  return term ? termText(term, chinese) : value;
}

function termText(term: Term, chinese: Chinese): string {
  const { termsZhCN, definitionsZhCN } = chinese;
  const wordsOf = (type: string | undefined) => (type === undefined ? undefined : definitionsZhCN[type]);
  switch (term.term) {
    case "node":
      return termsZhCN.node(wordsOf(term.type)?.title ?? term.title, term.id);
    case "param":
      return (term.renamed ? undefined : wordsOf(term.type)?.params?.[term.name]?.label) ?? term.label;
    case "input":
      return wordsOf(term.type)?.inputs?.[term.name] ?? wordsOf(term.type)?.params?.[term.name]?.label ?? term.label;
    case "output":
      return wordsOf(term.type)?.outputs?.[term.name] ?? term.label;
    case "option":
      return wordsOf(term.type)?.params?.[term.name]?.options?.[term.value] ?? term.label;
    case "words":
      return (term.at ? `${term.at} ` : "") + (termsZhCN.words[term.words] ?? saidText(term.words));
    case "port-type":
      return termsZhCN.portTypes[term.type];
    case "param-of-node":
      return termsZhCN.paramOfNode(termText(term.node, chinese), termText(term.param, chinese));
    case "linked-value":
      return termsZhCN.linkedValue(termText(term.param, chinese));
    case "numbers":
      return termsZhCN.numbers(term);
  }
}
