/** What a file-name pattern can tell. */
export interface NameFacts {
  now: Date;
  prompt: string;
  /** Decimal; empty when the picture came from no sampler. */
  seed: string;
  width: number;
  height: number;
}

const MAX_PROMPT_LENGTH = 60;
const MAX_SEGMENT_BYTES = 180;
const MAX_FOLDERS = 8;
/** Names that Windows keeps for devices, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * The relative path (forward slashes, no extension) that a pattern stands for. Whatever the pattern and the prompt
 * hold, each part is a plain file name that every file system takes: never empty, `.`, `..` or absolute. `%counter%`
 * stays for the output folder to fill in; unknown `%words%` stay as they are.
 */
export function expandFileName(pattern: string, facts: NameFacts): string {
  const values = new Map([
    ["date", localDate(facts.now)],
    ["time", localTime(facts.now)],
    ["prompt", promptWords(facts.prompt)],
    ["seed", facts.seed],
    ["width", String(facts.width)],
    ["height", String(facts.height)],
  ]);
  const segments = pattern
    .split(/[/\\]+/)
    .map((segment) => segment.replace(/%(\w+)%/g, (whole, word: string) => values.get(word.toLowerCase()) ?? whole))
    .map(safeSegment)
    .filter((segment) => segment !== "");
  const name = segments.at(-1) ?? "image";
  // Only files are counted.
  const folders = segments.slice(0, -1).map((segment) => safeSegment(segment.replace(/%counter%/gi, "")));
  return [...folders.filter((folder) => folder !== "").slice(0, MAX_FOLDERS), name].join("/");
}

function safeSegment(segment: string): string {
  const clean = segment
    .normalize("NFC")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are not allowed in file names
    .replace(/[\u0000-\u001f\u007f<>:"|?*/\\\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/\s+/g, " ")
    .replace(/-{2,}/g, "-")
    .replace(/^[\s.-]+|[\s.-]+$/g, "");
  const short = cutToBytes(clean, MAX_SEGMENT_BYTES).replace(/[\s.]+$/, "");
  return RESERVED.test(short) ? `_${short}` : short;
}

/** The prompt's first words, joined by hyphens: readable, and easy to type. */
function promptWords(prompt: string): string {
  const words =
    prompt
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  let text = "";
  for (const word of words) {
    const longer = text ? `${text}-${word}` : word;
    if (longer.length > MAX_PROMPT_LENGTH) break;
    text = longer;
  }
  return text || (words[0] ?? "image").slice(0, MAX_PROMPT_LENGTH);
}

function cutToBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let cut = "";
  for (const character of text) {
    bytes += new TextEncoder().encode(character).length;
    if (bytes > maxBytes) break;
    cut += character;
  }
  return cut;
}

function localDate(date: Date): string {
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

function localTime(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join("-");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
