import type { JsonValue } from "../document.ts";

/** JSON.parse with source access (ECMAScript proposal, in V8 since 11.4), which the libraries' types do not have yet. */
type SourceReviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

/**
 * Reads JSON as Python writes it: bare `NaN`, `Infinity` and `-Infinity` become text of that name, and a number that a
 * double cannot hold exactly (a 64-bit seed) or at all becomes its digits as text. Anything else is ordinary JSON.
 * @throws SyntaxError when it is no JSON even so
 */
export function parseLenientJson(text: string): JsonValue {
  const plain = text.replace(/^\uFEFF/, "");
  try {
    return parseExact(plain);
  } catch (error) {
    const quoted = quoteBareConstants(plain);
    if (quoted === plain) throw error;
    return parseExact(quoted);
  }
}

function parseExact(text: string): JsonValue {
  // Looking at every number's source takes several times as long as parsing.
  if (!/\d{16}|\d[eE]\+?\d/.test(text)) return JSON.parse(text) as JsonValue;
  const reviver: SourceReviver = (_key, value, context) =>
    typeof value === "number" && context?.source !== undefined && !isExact(value, context.source)
      ? context.source
      : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown) as JsonValue;
}

function isExact(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(source);
}

/** Puts quotes around the constants that stand outside of strings. */
function quoteBareConstants(text: string): string {
  const pieces: string[] = [];
  let start = 0;
  while (start < text.length) {
    const quote = text.indexOf('"', start);
    const end = quote < 0 ? text.length : quote;
    pieces.push(text.slice(start, end).replace(/-?\b(?:NaN|Infinity)\b/g, '"$&"'));
    if (quote < 0) break;
    const after = endOfString(text, quote);
    pieces.push(text.slice(quote, after));
    start = after;
  }
  return pieces.join("");
}

/** The position after the closing quote of the string that opens at `quote`. */
function endOfString(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}
