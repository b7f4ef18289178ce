import type { JsonValue, Sweep, SweepAxis, WorkflowDocument } from "../../graph/document.ts";
import { withParamAt } from "./inner-params.ts";

/** More runs than this are rather a mistake. */
export const MOST_RUNS = 500;

/** One run of a matrix: a value for each axis. */
export type Cell = readonly JsonValue[];

export function countCells({ axes, combine }: Sweep): number {
  if (axes.length === 0) return 0;
  const lengths = axes.map(({ values }) => values.length);
  return combine === "pairs" ? Math.min(...lengths) : lengths.reduce((product, length) => product * length, 1);
}

/** The runs in reading order: the first axis goes along a row, the second down a column. */
export function cellsOf({ axes, combine }: Sweep): Cell[] {
  if (combine === "pairs") {
    const count = Math.min(...axes.map(({ values }) => values.length));
    return Array.from({ length: axes.length > 0 ? count : 0 }, (_, at) => axes.map(({ values }) => values[at]!));
  }
  if (axes.length === 0) return [];
  return axes.reduce<JsonValue[][]>(
    // Later axes change slower.
    (cells, { values }) => values.flatMap((value) => cells.map((cell) => [...cell, value])),
    [[]],
  );
}

/** The workflow with a cell's values in it. */
export function documentOfCell(document: WorkflowDocument, axes: readonly SweepAxis[], cell: Cell): WorkflowDocument {
  return axes.reduce(
    (current, { node, param }, at) => withParamAt(current, { node, param }, cell[at] ?? null),
    document,
  );
}

/** From one number to another in equal steps, both among them; whole numbers where these are wanted. */
export function rangeOf(from: number, to: number, count: number, isWhole: boolean): number[] {
  if (count <= 1) return [from];
  const step = (to - from) / (count - 1);
  const values = Array.from({ length: count }, (_, at) => {
    const value = from + step * at;
    return isWhole ? Math.round(value) : Number(value.toPrecision(6));
  });
  return [...new Set(values)];
}

/** As many different numbers between two. */
export function randomOf(
  from: number,
  to: number,
  count: number,
  isWhole: boolean,
  random: () => number = Math.random,
): number[] {
  const values = new Set<number>();
  for (let attempt = 0; attempt < count * 20 && values.size < count; attempt++) {
    const value = from + random() * (to - from + (isWhole ? 1 : 0));
    values.add(isWhole ? Math.min(to, Math.floor(value)) : Number(value.toPrecision(4)));
  }
  return [...values];
}

/** A value as the head of a row or a column shows it. */
export function valueText(value: JsonValue): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const name = /\.(safetensors|gguf|ckpt|pt|pth|bin|onnx)$/i.test(text) ? (text.split("/").at(-1) ?? text) : text;
  return name.length > 80 ? `${name.slice(0, 79)}…` : name;
}
