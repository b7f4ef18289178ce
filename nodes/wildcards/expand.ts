import { createHash } from "node:crypto";
import { type ErrorPayload, HeddleError } from "../../common/errors.ts";

export interface ExpandOptions {
  readonly seed: bigint;
  /** The options in a wildcard file: a line each, which may hold wildcards itself. */
  readFile(name: string): Promise<readonly string[]>;
}

export interface Expanded {
  readonly text: string;
  /** What was taken, in order: "colour: red", "red". */
  readonly choices: readonly string[];
}

/** Ends files that name each other in a circle. */
const MOST_CHOICES = 1000;
const MOST_CHARACTERS = 100_000;

const fileReference = /^__([\p{L}\p{N}](?:[\p{L}\p{N}./-]|_(?!_))*)__/u;

/**
 * Replaces `{a|b}` with one of its options, `{2::a|b}` by weight, and `__name__` with a line of that file; options and
 * lines may hold more of these. `\{`, `\|` and `\}` are the characters themselves. The n-th choice depends on seed and n.
 *
 * @throws HeddleError `wildcard-unclosed`, `wildcard-weight`, `wildcard-endless`, and what `readFile` throws
 */
export async function expandWildcards(template: string, options: ExpandOptions): Promise<Expanded> {
  const choices: string[] = [];
  let draws = 0;

  async function choose(weighted: readonly Option[], name: string): Promise<string> {
    const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
    if (total <= 0) {
      throw failure({
        code: "wildcard-weight",
        message: `All options of ${name} weigh 0.`,
        help: "Give one of them a weight above 0.",
        details: { name: name.replace(/^"(.*)"$/s, "$1") },
      });
    }
    if (draws >= MOST_CHOICES) throw endless();
    const drawn = uniform(options.seed, draws++) * total;
    let reached = 0;
    for (const { text, weight } of weighted) {
      reached += weight;
      if (drawn < reached) return expand(text);
    }
    // Rounding can leave the sum of the weights a little below their total.
    return expand(weighted.findLast(({ weight }) => weight > 0)!.text);
  }

  async function expand(text: string): Promise<string> {
    let result = "";
    for (let at = 0; at < text.length; ) {
      const file = fileReference.exec(text.slice(at, at + 200));
      if (text[at] === "\\" && /[{|}]/.test(text[at + 1] ?? "")) {
        result += text[at + 1];
        at += 2;
      } else if (file) {
        const taken = await choose((await options.readFile(file[1]!)).map(parseOption), `"${file[1]}"`);
        choices.push(`${file[1]}: ${taken}`);
        result += taken;
        at += file[0].length;
      } else if (text[at] === "{") {
        const group = readGroup(text, at);
        const taken = await choose(group.options.map(parseOption), text.slice(at, group.end));
        choices.push(taken);
        result += taken;
        at = group.end;
      } else {
        result += text[at];
        at++;
      }
      if (result.length > MOST_CHARACTERS) throw endless();
    }
    return result;
  }

  return { text: await expand(template), choices };
}

interface Option {
  readonly text: string;
  readonly weight: number;
}

/** `2.5::text`, or text alone, which weighs 1. */
function parseOption(option: string): Option {
  const [, weight, text] = /^\s*(\d+(?:\.\d+)?)::(.*)$/s.exec(option) ?? [];
  return text === undefined ? { text: option, weight: 1 } : { text, weight: Number(weight) };
}

/** The options between the brace at `start` and the one that closes it; `end` is behind that. */
function readGroup(text: string, start: number): { options: string[]; end: number } {
  const options: string[] = [];
  let depth = 0;
  let optionStart = start + 1;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") at++;
    else if (character === "{") depth++;
    else if (character === "}") depth--;
    if (depth === 0) return { options: [...options, text.slice(optionStart, at)], end: at + 1 };
    if (character === "|" && depth === 1) {
      options.push(text.slice(optionStart, at));
      optionStart = at + 1;
    }
  }
  throw failure({
    code: "wildcard-unclosed",
    message: `The brace at character ${start + 1} of "${excerpt(text)}" is not closed.`,
    help: "Add the closing brace, or write \\{ for a brace that is meant as such.",
    details: { position: start + 1, text: excerpt(text) },
  });
}

/** 0 to 1, from 48 bits of a hash: the same on every machine, and for all seeds up to 2^63 - 1. */
function uniform(seed: bigint, index: number): number {
  return createHash("sha256").update(`${seed}:${index}`).digest().readUIntBE(0, 6) / 2 ** 48;
}

function endless(): HeddleError {
  return failure({
    code: "wildcard-endless",
    message: `The wildcards were still not resolved after ${MOST_CHOICES} choices or ${MOST_CHARACTERS} characters.`,
    help: "Look for wildcard files that name each other in a circle.",
    details: { choices: MOST_CHOICES, characters: MOST_CHARACTERS },
  });
}

const excerpt = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

function failure(error: ErrorPayload): HeddleError {
  return new HeddleError({ ...error, field: "text" });
}
