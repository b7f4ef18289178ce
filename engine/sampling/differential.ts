import type { Mask } from "./inpaint.ts";

/**
 * Differential diffusion (Levin and Fried, 2023): a grey mask says per cell how much is painted anew, as the strength of
 * image-to-image does for a whole picture. A cell of value v is kept for the first `steps - floor(v * steps)` steps.
 * @returns Uint16Array [height, width] of the latent grid: the 0-based step from which a cell is repainted; `steps` = never.
 */
export function repaintSteps(mask: Mask, width: number, height: number, steps: number): Uint16Array {
  const starts = new Uint16Array(width * height);
  for (let row = 0; row < height; row++) {
    const rows = span(row, height, mask.height);
    for (let column = 0; column < width; column++) {
      const strength = meanOf(mask, rows, span(column, width, mask.width));
      // Means of 8-bit values are a little off: full white has to be full.
      starts[row * width + column] = steps - Math.min(steps, Math.floor(strength * steps + 1e-4));
    }
  }
  return starts;
}

/** Which cells step `index` repaints: 1 = repaint, 0 = keep. */
export function repaintedAt(starts: Uint16Array, index: number): Uint8Array {
  return Uint8Array.from(starts, (start) => (start <= index ? 1 : 0));
}

type Span = readonly [start: number, end: number];

/** The pixels that a cell covers; at least one. */
function span(cell: number, cells: number, pixels: number): Span {
  const start = Math.floor((cell * pixels) / cells);
  return [start, Math.max(start + 1, Math.floor(((cell + 1) * pixels) / cells))];
}

function meanOf({ width, values }: Mask, [top, bottom]: Span, [left, right]: Span): number {
  let sum = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += values[y * width + x]!;
  return sum / ((bottom - top) * (right - left));
}
