import type { PictureMask } from "../../engine/types.ts";

/** Sides of what a model draws are multiples of this. */
const GRID = 16;
/** Less than half a step of 8 bits: nobody sees it. */
const VISIBLE = 0.5 / 255;

export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The rectangle around what a mask marks, with `margin` pixels on each side where the picture has them. Its sides are
 * multiples of 16 where the picture is large enough. `undefined` for an empty mask.
 */
export function maskedRegion({ width, height, values }: PictureMask, margin: number): Region | undefined {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (const [i, value] of values.entries()) {
    if (value < VISIBLE) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  if (right < 0) return undefined;
  const across = onGrid(left - margin, right + 1 + margin, width);
  const down = onGrid(top - margin, bottom + 1 + margin, height);
  return { left: across.start, top: down.start, width: across.length, height: down.length };
}

/** The span from `start` to `end`, within 0 to `side`, made longer to a multiple of the grid. */
function onGrid(start: number, end: number, side: number): { start: number; length: number } {
  const from = Math.max(0, start);
  const wanted = Math.ceil((Math.min(side, end) - from) / GRID) * GRID;
  if (wanted > side) return { start: 0, length: side };
  const centred = from - Math.floor((wanted - (Math.min(side, end) - from)) / 2);
  return { start: Math.min(Math.max(0, centred), side - wanted), length: wanted };
}
