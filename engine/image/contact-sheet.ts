import sharp, { type OverlayOptions } from "sharp";
import type { RgbImage } from "../types.ts";
import { LINE_HEIGHT, labelSvg } from "./label.ts";
import { fromSharp, toSharp } from "./sharp-picture.ts";

export interface SheetOptions {
  readonly columns: number;
  /** Pixels between pictures, and around all of them. */
  readonly gap: number;
  /** As CSS writes it: "#202024". */
  readonly background: string;
  /** One for each picture, below it; no room is left when all are empty. */
  readonly labels: readonly string[];
  /** Height of the letters in pixels. */
  readonly fontSize: number;
}

/**
 * Pictures in rows and columns, each in the middle of a cell that is as large as the largest picture, with its label
 * below.
 */
export async function contactSheet(images: readonly RgbImage[], options: SheetOptions): Promise<RgbImage> {
  const { gap, background, labels, fontSize } = options;
  const columns = Math.min(options.columns, images.length);
  const rows = Math.ceil(images.length / columns);
  const cellWidth = Math.max(...images.map(({ width }) => width));
  const cellHeight = Math.max(...images.map(({ height }) => height));
  const labelHeight = labels.some(Boolean) ? Math.ceil(fontSize * LINE_HEIGHT) : 0;
  const layers = await Promise.all(
    images.map(async (image, index): Promise<OverlayOptions[]> => {
      const left = gap + (index % columns) * (cellWidth + gap);
      const top = gap + Math.floor(index / columns) * (cellHeight + labelHeight + gap);
      const picture: OverlayOptions = {
        input: Buffer.from(image.data),
        raw: { width: image.width, height: image.height, channels: 3 },
        left: left + Math.floor((cellWidth - image.width) / 2),
        top: top + Math.floor((cellHeight - image.height) / 2),
      };
      const text = labels[index];
      if (!text) return [picture];
      const label = labelSvg(text, { width: cellWidth, height: labelHeight, fontSize, background });
      return [picture, { input: Buffer.from(label), left, top: top + cellHeight }];
    }),
  );
  const sheet = sharp({
    create: {
      width: gap + columns * (cellWidth + gap),
      height: gap + rows * (cellHeight + labelHeight + gap),
      channels: 3,
      background,
    },
  });
  return fromSharp(sheet.composite(layers.flat()));
}

/** Two pictures next to each other, top edges in line. */
export async function sideBySide(left: RgbImage, right: RgbImage, gap: number): Promise<RgbImage> {
  const height = Math.max(left.height, right.height);
  const canvas = { r: 0, g: 0, b: 0 };
  const sheet = toSharp(left).extend({
    bottom: height - left.height,
    right: gap + right.width,
    background: canvas,
  });
  const input = {
    input: Buffer.from(right.data),
    raw: { width: right.width, height: right.height, channels: 3 as const },
  };
  // Compositing comes after extending in a pipeline of its own.
  const extended = await fromSharp(sheet);
  return fromSharp(toSharp(extended).composite([{ ...input, left: left.width + gap, top: 0 }]));
}
