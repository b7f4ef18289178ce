import sharp, { type OverlayOptions } from "sharp";
import type { RgbImage } from "../types.ts";
import { LINE_HEIGHT, labelSvg } from "./contact-sheet.ts";
import { fromSharp } from "./sharp-picture.ts";

export interface PictureTable {
  /** Above all; no room is left when it is empty, as for headings of which all are. */
  readonly title: string;
  /** Above the columns. */
  readonly columns: readonly string[];
  /** To the left of the rows. */
  readonly rowLabels: readonly string[];
  /** Pictures by row and column. */
  readonly rows: readonly (readonly RgbImage[])[];
}

export interface TableLook {
  /** Pixels between pictures, and around all of them. */
  readonly gap: number;
  /** As CSS writes it: "#202024". */
  readonly background: string;
  /** Height of the letters in pixels. */
  readonly fontSize: number;
}

/** Widest that headings of rows become, in heights of a letter. */
const MOST_HEADING_LETTERS = 16;
/** Mean width of a letter, of its height. */
const LETTER_WIDTH = 0.6;

/** Pictures in rows and columns of one size each, with headings. */
export async function labelledTable(table: PictureTable, { gap, background, fontSize }: TableLook): Promise<RgbImage> {
  const { title, columns, rowLabels, rows } = table;
  const lineHeight = Math.ceil(fontSize * LINE_HEIGHT);
  const cell = {
    width: Math.max(...rows.flat().map(({ width }) => width)),
    height: Math.max(...rows.flat().map(({ height }) => height)),
  };
  const longest = Math.max(0, ...rowLabels.map((label) => label.length));
  const head = {
    left: longest === 0 ? 0 : Math.ceil(Math.min(longest, MOST_HEADING_LETTERS) * fontSize * LETTER_WIDTH) + gap,
    top: (title === "" ? 0 : lineHeight) + (columns.some(Boolean) ? lineHeight : 0),
  };
  const width = head.left + gap + columns.length * (cell.width + gap);
  const height = head.top + gap + rows.length * (cell.height + gap);
  const xOf = (column: number) => head.left + gap + column * (cell.width + gap);
  const yOf = (row: number) => head.top + gap + row * (cell.height + gap);
  const write = (text: string, left: number, top: number, room: number): OverlayOptions[] => {
    if (text === "") return [];
    const svg = labelSvg(text, { width: room, height: lineHeight, fontSize, background });
    return [{ input: Buffer.from(svg), left, top }];
  };
  const layers = [
    ...write(title, 0, 0, width),
    ...columns.flatMap((label, x) => write(label, xOf(x), head.top - lineHeight + Math.ceil(gap / 2), cell.width)),
    ...rowLabels.flatMap((label, y) =>
      write(label, Math.ceil(gap / 2), yOf(y) + Math.floor((cell.height - lineHeight) / 2), head.left),
    ),
    ...rows.flatMap((row, y) =>
      row.map((picture, x): OverlayOptions => {
        const left = xOf(x) + Math.floor((cell.width - picture.width) / 2);
        const top = yOf(y) + Math.floor((cell.height - picture.height) / 2);
        const raw = { width: picture.width, height: picture.height, channels: 3 as const };
        return { input: Buffer.from(picture.data), raw, left, top };
      }),
    ),
  ];
  return fromSharp(sharp({ create: { width, height, channels: 3, background } }).composite(layers));
}
