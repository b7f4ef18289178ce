import sharp, { type OverlayOptions } from "sharp";
import type { RgbImage } from "../types.ts";
import { LINE_HEIGHT, labelSvg, textWidth } from "./label.ts";
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

/** Widest that headings of rows become, in heights of a letter; longer ones take several lines. */
const MOST_HEADING_WIDTH = 10;

/** Pictures in rows and columns of one size each, with headings. */
export async function labelledTable(table: PictureTable, { gap, background, fontSize }: TableLook): Promise<RgbImage> {
  const { title, columns, rowLabels, rows } = table;
  const lineHeight = Math.ceil(fontSize * LINE_HEIGHT);
  const cell = {
    width: Math.max(...rows.flat().map(({ width }) => width)),
    height: Math.max(...rows.flat().map(({ height }) => height)),
  };
  const longest = Math.max(0, ...rowLabels.map((label) => textWidth(label, fontSize)));
  const head = {
    left: longest === 0 ? 0 : Math.min(longest, MOST_HEADING_WIDTH * fontSize) + gap,
    top: (title === "" ? 0 : lineHeight) + (columns.some(Boolean) ? lineHeight : 0),
  };
  const width = head.left + gap + columns.length * (cell.width + gap);
  const height = head.top + gap + rows.length * (cell.height + gap);
  const xOf = (column: number) => head.left + gap + column * (cell.width + gap);
  const yOf = (row: number) => head.top + gap + row * (cell.height + gap);
  const write = (text: string, room: { left: number; top: number; width: number; height: number }) => {
    if (text === "") return [];
    const { left, top, ...size } = room;
    return [{ input: Buffer.from(labelSvg(text, { ...size, fontSize, background })), left, top }];
  };
  const layers = [
    ...write(title, { left: 0, top: 0, width, height: lineHeight }),
    ...columns.flatMap((label, x) =>
      write(label, {
        left: xOf(x),
        top: head.top - lineHeight + Math.ceil(gap / 2),
        width: cell.width,
        height: lineHeight,
      }),
    ),
    ...rowLabels.flatMap((label, y) =>
      write(label, { left: gap, top: yOf(y), width: head.left - gap, height: cell.height }),
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
