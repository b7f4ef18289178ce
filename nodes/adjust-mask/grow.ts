import type { PictureMask } from "../../engine/types.ts";

/**
 * Moves the edge of a mask outwards by `pixels` in all directions (less than 0: inwards): each pixel takes the highest
 * (lowest) value within a disc. Beyond the picture's edges nothing counts.
 */
export function growMask(mask: PictureMask, pixels: number): PictureMask {
  if (pixels === 0) return mask;
  const { width, height, values } = mask;
  const radius = Math.abs(pixels);
  const better = pixels > 0 ? Math.max : Math.min;
  const grown = new Float32Array(values);
  // A disc is a stack of horizontal runs: for each row offset, the row's extremes over that run.
  for (let dy = -radius; dy <= radius; dy++) {
    const reach = Math.floor(Math.sqrt(radius * radius - dy * dy));
    for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
      const source = values.subarray((y + dy) * width, (y + dy + 1) * width);
      const extremes = slidingExtremes(source, reach, better);
      for (let x = 0; x < width; x++) grown[y * width + x] = better(grown[y * width + x]!, extremes[x]!);
    }
  }
  return { ...mask, values: grown };
}

/** The best value within `reach` to each side, by van Herk's method: three comparisons a value, whatever the reach. */
function slidingExtremes(row: Float32Array, reach: number, better: (a: number, b: number) => number): Float32Array {
  const window = 2 * reach + 1;
  const worst = better === Math.max ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const padded = new Float32Array(Math.ceil((row.length + 2 * reach) / window) * window).fill(worst);
  padded.set(row, reach);
  const forward = new Float32Array(padded);
  const backward = new Float32Array(padded);
  for (let i = 1; i < padded.length; i++) {
    if (i % window !== 0) forward[i] = better(forward[i]!, forward[i - 1]!);
    const j = padded.length - 1 - i;
    if ((j + 1) % window !== 0) backward[j] = better(backward[j]!, backward[j + 1]!);
  }
  return row.map((_, x) => better(backward[x]!, forward[x + 2 * reach]!));
}
