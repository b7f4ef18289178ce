import { findForeignSyntax } from "../../nodes/prompt/foreign-syntax.ts";

/** What stands in a prompt besides words; pure. */
export type PromptMark =
  /** `{red|2::blue}`, from brace to brace. */
  | { readonly kind: "choice"; readonly from: number; readonly to: number }
  /** `__animals__` */
  | { readonly kind: "wildcard"; readonly from: number; readonly to: number; readonly name: string }
  /** `(word:1.2)`, `[word]`, `BREAK`: other models weigh and part words so. */
  | { readonly kind: "weight"; readonly from: number; readonly to: number }
  /** `<lora:name:0.8>`: other programs load LoRAs so. */
  | { readonly kind: "lora"; readonly from: number; readonly to: number; readonly name: string };

const WILDCARD = /__([\p{L}\p{N}][\p{L}\p{N}._/-]*?)__/gu;
const LORA = /<lora:([^:<>\n]{1,200})(?::[^<>\n]{0,40})?>/gi;

/** In the order of the text; marks may stand inside a choice, whose braces are marked by themselves. */
export function findMarks(text: string): PromptMark[] {
  const marks: PromptMark[] = [
    ...choices(text),
    ...[...text.matchAll(WILDCARD)].map((match) => ({ kind: "wildcard" as const, ...span(match), name: match[1]! })),
    ...findForeignSyntax(text).flatMap(({ kind, from, to }) =>
      kind === "file" || kind === "choice" ? [] : [{ kind: "weight" as const, from, to }],
    ),
    ...[...text.matchAll(LORA)].map((match) => ({ kind: "lora" as const, ...span(match), name: match[1]! })),
  ];
  return marks.sort((a, b) => a.from - b.from || b.to - a.to);
}

/** Outermost pairs of braces with a bar between them; a brace without its pair is a plain character. */
function choices(text: string): PromptMark[] {
  const marks: PromptMark[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "{") {
      if (depth === 0) start = at;
      depth++;
    } else if (text[at] === "}" && depth > 0) {
      depth--;
      if (depth === 0 && text.slice(start, at).includes("|")) marks.push({ kind: "choice", from: start, to: at + 1 });
    }
  }
  return marks;
}

export interface Piece {
  readonly text: string;
  /** The innermost mark that it is in. */
  readonly mark: PromptMark | undefined;
}

/** The text in pieces, each under one mark or none. */
export function splitByMarks(text: string, marks: readonly PromptMark[]): Piece[] {
  const cuts = [...new Set([0, text.length, ...marks.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  return cuts.slice(1).map((end, index) => {
    const start = cuts[index]!;
    return { text: text.slice(start, end), mark: marks.findLast(({ from, to }) => from <= start && end <= to) };
  });
}

/** What is being written before the caret that could be completed. */
export interface Completing {
  readonly kind: "wildcard" | "lora" | "word";
  /** What there is of it. */
  readonly query: string;
  /** Where it begins. */
  readonly from: number;
}

const LEAST_LETTERS = 2;

export function completingAt(text: string, caret: number): Completing | undefined {
  const before = text.slice(0, caret);
  // The two underscores that end a wildcard begin none.
  const done = Math.max(0, ...[...before.matchAll(WILDCARD)].map((match) => span(match).to));
  const wildcard = /__([\p{L}\p{N}._/-]*)$/u.exec(before.slice(done));
  if (wildcard) return { kind: "wildcard", query: wildcard[1] ?? "", from: done + wildcard.index };
  const lora = /<(?:l|lo|lor|lora|lora:([^<>\n]*))?$/i.exec(before);
  if (lora) return { kind: "lora", query: (lora[1] ?? "").split(":")[0] ?? "", from: lora.index };
  const word = /(?:^|[,\n{|]\s*|\s)([\p{L}\p{N}][\p{L}\p{N}'’_-]*)$/u.exec(before);
  const query = word?.[1] ?? "";
  if (query.length < LEAST_LETTERS) return undefined;
  return { kind: "word", query, from: caret - query.length };
}

const span = (match: RegExpMatchArray) => ({ from: match.index ?? 0, to: (match.index ?? 0) + match[0].length });
