import { HeddleError } from "../../common/errors.ts";
import { MAX_ITEMS } from "../../graph/execution/lists.ts";
import { parseSeed, seedToJson } from "../../graph/values.ts";

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const single = new RegExp(`^${NUMBER}$`, "i");
const range = new RegExp(`^(${NUMBER}?)\\.\\.(${NUMBER}?)(?:/(${NUMBER}))?$`, "i");

/**
 * Numbers as people list them: `1, 2.5`, on lines, and ranges with both ends, `1..8` or `0.2..1/0.2`. Whole numbers that a
 * JSON number does not hold exactly stay decimal text, as seeds do.
 * @throws HeddleError `list-unreadable`, `too-many-items`
 */
export function parseNumbers(text: string): (number | string)[] {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  const numbers = parts.flatMap((part) => (single.test(part) ? [oneNumber(part)] : rangeOf(part)));
  if (numbers.length === 0) throw unreadable("There is no number in the list.", { cause: "no-number" });
  return checkCount(numbers);
}

function oneNumber(part: string): number | string {
  const seed = parseSeed(part);
  if (seed !== undefined) return seedToJson(seed);
  const value = Number(part);
  if (!Number.isFinite(value)) throw unreadable(`"${part}" is too large.`, { cause: "too-large", part });
  return value;
}

function rangeOf(part: string): (number | string)[] {
  // Dots of a decimal fraction are not those of a range: "1...5" is 1 to .5.
  const ends = range.exec(part);
  const [first, last, step] = [ends?.[1], ends?.[2], ends?.[3]].map((end) => (end ? Number(end) : undefined));
  if (first === undefined || last === undefined || step === 0) {
    throw unreadable(`"${part}" is neither a number nor a range.`, { cause: "no-range", part });
  }
  const stride = Math.abs(step ?? 1) * (last < first ? -1 : 1);
  // A little more than the quotient, so that 0.2..1/0.2 has its end.
  const count = Math.floor((last - first) / stride + 1e-9) + 1;
  checkCount({ length: count });
  const [, start = "", end = "", by = "1"] = ends ?? [];
  if ([start, end, by].every((text) => /^[+-]?\d+$/.test(text)))
    return wholeNumbers(BigInt(start), BigInt(end), BigInt(by));
  return Array.from({ length: count }, (_, i) => Number((first + i * stride).toPrecision(12)));
}

/** To the last digit: seeds have up to 19. */
function wholeNumbers(first: bigint, last: bigint, step: bigint): (number | string)[] {
  const size = step < 0n ? -step : step;
  const stride = last < first ? -size : size;
  return Array.from({ length: Number((last - first) / stride) + 1 }, (_, i) =>
    oneNumber(String(first + BigInt(i) * stride)),
  );
}

function checkCount<T extends { readonly length: number }>(list: T): T {
  if (list.length <= MAX_ITEMS) return list;
  throw new HeddleError({
    code: "too-many-items",
    message: `The list has ${list.length} numbers; at most ${MAX_ITEMS} are run.`,
    help: "Make it shorter, or the steps of its ranges larger.",
    field: "values",
    details: { cause: "numbers", count: list.length, limit: MAX_ITEMS },
  });
}

function unreadable(message: string, details: { cause: string; part?: string }): HeddleError {
  return new HeddleError({
    code: "list-unreadable",
    message,
    help: "Write numbers with commas between them, and ranges as 1..8 or 0.2..1/0.2.",
    field: "values",
    details,
  });
}
