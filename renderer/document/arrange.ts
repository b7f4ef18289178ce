import type { Point } from "./commands.ts";

/** Lining nodes up. Pure: boxes in, new positions in flow pixels out; boxes that stay are left out. */
export interface Box extends Point {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export const alignments = ["left", "centre", "right", "top", "middle", "bottom"] as const;
export type Alignment = (typeof alignments)[number];

export function align(boxes: readonly Box[], how: Alignment): Map<string, Point> {
  const left = Math.min(...boxes.map(({ x }) => x));
  const top = Math.min(...boxes.map(({ y }) => y));
  const right = Math.max(...boxes.map(({ x, width }) => x + width));
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height));
  const place: Record<Alignment, (box: Box) => Point> = {
    left: ({ y }) => ({ x: left, y }),
    centre: ({ y, width }) => ({ x: (left + right - width) / 2, y }),
    right: ({ y, width }) => ({ x: right - width, y }),
    top: ({ x }) => ({ x, y: top }),
    middle: ({ x, height }) => ({ x, y: (top + bottom - height) / 2 }),
    bottom: ({ x, height }) => ({ x, y: bottom - height }),
  };
  return moved(boxes, place[how]);
}

/** The same gap between neighbours; the outermost stay. */
export function distribute(boxes: readonly Box[], along: "x" | "y"): Map<string, Point> {
  const length = along === "x" ? "width" : "height";
  const sorted = boxes.toSorted((a, b) => a[along] - b[along]);
  const first = sorted[0];
  const last = sorted.at(-1);
  if (!first || !last || sorted.length < 3) return new Map();
  const room = last[along] + last[length] - first[along] - sorted.reduce((sum, box) => sum + box[length], 0);
  const gap = room / (sorted.length - 1);
  let at = first[along];
  const places = new Map<string, number>();
  for (const box of sorted) {
    places.set(box.id, at);
    at += box[length] + gap;
  }
  return moved(boxes, (box) => ({ x: box.x, y: box.y, [along]: places.get(box.id) ?? box[along] }));
}

function moved(boxes: readonly Box[], place: (box: Box) => Point): Map<string, Point> {
  return new Map(
    boxes.flatMap((box) => {
      const { x, y } = place(box);
      const to = { x: Math.round(x), y: Math.round(y) };
      return to.x === box.x && to.y === box.y ? [] : [[box.id, to] as const];
    }),
  );
}
