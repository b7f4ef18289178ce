import type { JsonValue } from "../../graph/document.ts";
import { valueText } from "./cells.ts";
import { cellLabel, type StartedSweep } from "./started-sweep.ts";

/** A table of pictures: heads of its columns and rows, and what stands in each cell. */
export interface SweepTable {
  readonly caption: string | undefined;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly head: string; readonly cells: readonly number[] }[];
}

/**
 * The cells of a sweep as tables: the first axis along the rows, the second down the columns, one table for each value of
 * a third. Cells are named by their place in the sweep.
 */
export function tablesOf(started: StartedSweep): SweepTable[] {
  const { sweep, names, cells } = started;
  const { axes, combine } = sweep;
  const named = (axis: number, value: JsonValue) => `${names[axis] ?? ""} = ${valueText(value)}`;
  const [first, second, third] = axes;
  if (!first || cells.length === 0) return [];
  if (combine === "pairs") {
    const heads = cells.map((_, at) => cellLabel(started, at));
    return [{ caption: undefined, columns: heads, rows: [{ head: "", cells: cells.map((_, at) => at) }] }];
  }
  const width = first.values.length;
  const height = second?.values.length ?? 1;
  return (third?.values ?? [undefined]).map((value, sheet) => ({
    caption: value === undefined ? undefined : named(2, value),
    columns: first.values.map((one) => named(0, one)),
    rows: Array.from({ length: height }, (_, row) => ({
      head: second ? named(1, second.values[row] ?? "") : "",
      cells: Array.from({ length: width }, (_, column) => sheet * width * height + row * width + column),
    })),
  }));
}

const CELL = 320;
const GAP = 8;
const HEAD = 44;
const SIDE = 180;
const FONT = '16px "Inter Variable", system-ui, sans-serif';

/**
 * One picture of all tables, with their heads, as PNG.
 * @param pictureOf address of a cell's picture; cells without one stay empty
 */
export async function drawContactSheet(
  started: StartedSweep,
  pictureOf: (cell: number) => string | undefined,
): Promise<Uint8Array> {
  const tables = tablesOf(started);
  const isNamed = tables.some(({ rows }) => rows.some(({ head }) => head !== ""));
  const left = isNamed ? SIDE : GAP;
  const columns = Math.max(...tables.map((table) => table.columns.length));
  const heights = tables.map(
    ({ caption, rows }) => (caption === undefined ? 0 : HEAD) + HEAD + rows.length * (CELL + GAP),
  );
  const width = left + columns * (CELL + GAP);
  const height = HEAD + heights.reduce((sum, one) => sum + one, 0);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser draws no pictures");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#1a1a1c";
  context.font = FONT;
  context.textBaseline = "middle";
  context.fillText(started.labels.join("  ×  "), GAP, HEAD / 2, width - 2 * GAP);
  let top = HEAD;
  for (const { caption, columns: heads, rows } of tables) {
    if (caption !== undefined) {
      context.fillText(caption, GAP, top + HEAD / 2, width - 2 * GAP);
      top += HEAD;
    }
    for (const [at, head] of heads.entries()) {
      context.fillText(head, left + at * (CELL + GAP), top + HEAD / 2, CELL);
    }
    top += HEAD;
    for (const { head, cells } of rows) {
      context.fillText(head, GAP, top + CELL / 2, left - 2 * GAP);
      for (const [at, cell] of cells.entries()) {
        const address = pictureOf(cell);
        if (address !== undefined) await drawPicture(context, address, left + at * (CELL + GAP), top);
      }
      top += CELL + GAP;
    }
  }
  const blob = await canvas.convertToBlob({ type: "image/png" });
  return new Uint8Array(await blob.arrayBuffer());
}

async function drawPicture(context: OffscreenCanvasRenderingContext2D, address: string, x: number, y: number) {
  const response = await fetch(address);
  if (!response.ok) return;
  const picture = await createImageBitmap(await response.blob());
  const scale = Math.min(CELL / picture.width, CELL / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  context.drawImage(picture, x + (CELL - width) / 2, y + (CELL - height) / 2, width, height);
  picture.close();
}
