import { luminance } from "./grey.ts";

/** Lines of text take this much of the letters' height. */
export const LINE_HEIGHT = 1.6;
/** Mean width of a letter, of its height: a little wide, as fonts differ from machine to machine. */
const LETTER_WIDTH = 0.62;
/** Text that is too long for its room becomes smaller at first, down to this share, and is then cut off. */
const SMALLEST = 0.7;

export interface LabelRoom {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Height of the letters in pixels. */
  readonly fontSize: number;
  /** As CSS writes it: "#202024". */
  readonly background: string;
  readonly align?: "middle" | "start";
}

/** Pixels that a line of text takes, about. */
export function textWidth(text: string, fontSize: number): number {
  return Math.ceil(lengthOf(text) * fontSize * LETTER_WIDTH);
}

/** A text as SVG, in as many lines as its room has, upright in the middle. */
export function labelSvg(text: string, { width, height, fontSize, background, align = "middle" }: LabelRoom): string {
  const small = fontSize * SMALLEST;
  const fits = (size: number) => wrapText(text, width / (size * LETTER_WIDTH)).length <= linesIn(height, size);
  const size = fits(fontSize) ? fontSize : small;
  const lines = cutLines(wrapText(text, width / (size * LETTER_WIDTH)), linesIn(height, size));
  const lineHeight = size * LINE_HEIGHT;
  // Letters stand a little higher than the middle of their line.
  const first = (height - lines.length * lineHeight) / 2 + lineHeight / 2 + size * 0.36;
  const x = align === "middle" ? width / 2 : 0;
  const spans = lines.map((line, i) => `<tspan x="${x}" y="${first + i * lineHeight}">${escapeXml(line)}</tspan>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><text text-anchor="${align}" font-family="Inter, sans-serif" font-size="${size}" fill="${inkFor(
    background,
  )}">${spans.join("")}</text></svg>`;
}

/** Lines of at most so many letters, broken between words; longer words are broken anywhere. */
export function wrapText(text: string, letters: number): string[] {
  const most = Math.max(1, Math.floor(letters));
  const lines = [""];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const line = lines.at(-1)!;
    if (lengthOf(line === "" ? word : `${line} ${word}`) <= most) {
      lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
      continue;
    }
    const parts = brokenUp(word, most);
    lines.splice(line === "" ? lines.length - 1 : lines.length, line === "" ? 1 : 0, ...parts);
  }
  return lines;
}

function brokenUp(word: string, most: number): string[] {
  const parts = [""];
  for (const letter of word) {
    const longer = parts.at(-1)! + letter;
    if (parts.at(-1) === "" || lengthOf(longer) <= most) parts[parts.length - 1] = longer;
    else parts.push(letter);
  }
  return parts;
}

function cutLines(lines: readonly string[], most: number): string[] {
  if (lines.length <= most) return [...lines];
  const kept = lines.slice(0, most);
  return kept.map((line, i) => (i === most - 1 ? `${[...line].slice(0, -1).join("")}…` : line));
}

/** At least one. */
const linesIn = (height: number, size: number) => Math.max(1, Math.floor(height / (size * LINE_HEIGHT) + 0.01));

/** In letters of usual width: m and w are half as wide again, Chinese, Japanese and Korean ones nearly twice. */
function lengthOf(text: string): number {
  const full = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff00-\uff60]/u;
  const widthOf = (letter: string) => (full.test(letter) ? 1.7 : /[mwMW@%]/.test(letter) ? 1.5 : 1);
  return [...text].reduce((length, letter) => length + widthOf(letter), 0);
}

/** Black or white, whichever can be read on the colour (`#rrggbb`). */
function inkFor(background: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(background.slice(at, at + 2), 16)) as [
    number,
    number,
    number,
  ];
  return luminance(red, green, blue) > 140 ? "#000000" : "#ffffff";
}

/** Text as it may stand inside an XML element; characters that XML 1.0 forbids are left out. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");
}
