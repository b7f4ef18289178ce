import { HeddleError } from "../../common/errors.ts";
import { contactSheet } from "../../engine/image/contact-sheet.ts";
import type { RgbImage } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { colourParam } from "../colours.ts";
import { imageBatch, sizeOfImages } from "../images.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput, textParam } from "../values.ts";

/** More than this many pixels a side is no picture that anything can open. */
const MOST_PIXELS = 16_384;

export const runner: NodeRunner<NodeServices> = {
  sizeOf: sizeOfImages("image"),

  async run({ info }, inputs, params) {
    const { items } = requiredInput(inputs, "image", "image");
    const columns = numberParam(params, "columns") || Math.ceil(Math.sqrt(items.length));
    const gap = numberParam(params, "gap");
    checkSize(items, Math.min(columns, items.length), gap);
    const kind = inputs.labelText === undefined ? textParam(params, "labels") : "text";
    const labels = labelsOf(items, kind, textParam(params, "labelText").split("\n"));
    const background = colourParam(params, "background");
    const sheet = await contactSheet(items, {
      ...{ columns, gap, background, labels },
      fontSize: numberParam(params, "fontSize"),
    });
    info({ pictures: items.length, width: sheet.width, height: sheet.height });
    return { image: imageBatch([sheet]) };
  },
};

function labelsOf(items: readonly RgbImage[], kind: string, lines: readonly string[]): string[] {
  const label: Readonly<Record<string, (item: RgbImage, index: number) => string>> = {
    none: () => "",
    number: (_item, index) => String(index + 1),
    seed: ({ seed }) => seed ?? "",
    text: (_item, index) => lines[index]?.trim() ?? "",
  };
  return items.map(label[kind]!);
}

function checkSize(items: readonly RgbImage[], columns: number, gap: number): void {
  const width = columns * (Math.max(...items.map((item) => item.width)) + gap) + gap;
  const height = Math.ceil(items.length / columns) * (Math.max(...items.map((item) => item.height)) + gap) + gap;
  if (Math.max(width, height) <= MOST_PIXELS) return;
  throw new HeddleError({
    code: "picture-too-large",
    message: `The sheet would have ${width} × ${height} pixels; at most ${MOST_PIXELS} a side can be made.`,
    help: "Use fewer pictures or smaller ones, or another number of columns.",
    field: "columns",
    details: { cause: "sheet", width, height, limit: MOST_PIXELS },
  });
}
