/** Something in a prompt that steers other programs, and that this model reads as plain words. */
export interface ForeignSyntax {
  readonly kind: ForeignKind;
  /** Characters of the prompt. */
  readonly from: number;
  readonly to: number;
}

export type ForeignKind =
  /** `(word:1.3)`, `((word))`, `[word]`: more or less of a word. */
  | "weight"
  /** `[from:to:0.5]`, `[one|other]`: another prompt after some steps. */
  | "schedule"
  /** `BREAK`, `AND`: several prompts in one. */
  | "separator"
  /** `<lora:name:0.8>`, `embedding:name` */
  | "file"
  /** `{a|b}`, `__name__`: what the node Wildcards chooses, where it did not. */
  | "choice";

const patterns: readonly (readonly [ForeignKind, RegExp])[] = [
  ["weight", /\([^()\n]{1,200}:\s*-?\d+(?:\.\d+)?\s*\)/g],
  ["weight", /\({2,8}[^()\n]{1,200}\){2,8}/g],
  ["schedule", /\[[^[\]\n]{0,200}(?::[^[\]\n:]{0,200})?:\s*\d*\.?\d+\s*\]/g],
  ["schedule", /\[[^[\]\n|]{1,200}\|[^[\]\n]{1,200}\]/g],
  ["weight", /\[{1,8}[^[\]\n]{1,200}\]{1,8}/g],
  ["separator", /(?<=^|[\s,])(?:BREAK|AND)(?=$|[\s,])/g],
  ["file", /<(?:lora|lyco|hypernet):[^<>\n]{1,240}>/gi],
  ["file", /(?<=^|[\s,(])embedding:[\p{L}\p{N}._/-]{1,200}/gu],
  ["choice", /\{[^{}\n]{0,200}\|[^{}]{0,2000}\}/g],
  ["choice", /(?<![\p{L}\p{N}_])__[\p{L}\p{N}][\p{L}\p{N}./-]{0,100}__(?![\p{L}\p{N}_])/gu],
];

/**
 * What a prompt holds of the syntax of Stable Diffusion's programs (A1111's attention, editing and `AND`, ComfyUI's
 * `embedding:`). Z-Image's encoder is a language model that reads whole sentences: there is no weight of a word to change.
 * Characters behind a backslash are meant as such, and what stands in quotation marks is to be read in the picture. In the
 * order of the text; nothing is found twice.
 */
export function findForeignSyntax(prompt: string): ForeignSyntax[] {
  const found: ForeignSyntax[] = [];
  for (const [kind, pattern] of patterns) {
    for (const match of prompt.matchAll(pattern)) {
      const [from, to] = [match.index, match.index + match[0].length];
      if (prompt[from - 1] === "\\" || prompt[to - 2] === "\\" || isQuoted(prompt, from, to)) continue;
      if (!found.some((other) => from < other.to && other.from < to)) found.push({ kind, from, to });
    }
  }
  return found.sort((a, b) => a.from - b.from);
}

/** Whether quotation marks are open before a part of a line, and closed behind it. */
function isQuoted(prompt: string, from: number, to: number): boolean {
  const lineStart = prompt.lastIndexOf("\n", from - 1) + 1;
  const before = prompt.slice(lineStart, from);
  const behind = prompt.slice(to);
  const isOpen = (before.match(/"/g)?.length ?? 0) % 2 === 1;
  return (
    (isOpen && behind.includes('"')) || (before.lastIndexOf("“") > before.lastIndexOf("”") && behind.includes("”"))
  );
}
