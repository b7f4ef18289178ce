/** Sizes in pixels that are drawn: multiples of 16 within these limits. */
export const SMALLEST_SIDE = 128;
export const LARGEST_SIDE = 2048;
const STEP = 16;

export interface Size {
  width: number;
  height: number;
}

/** The nearest size that can be drawn, of about the same shape. */
export function drawableSize({ width, height }: Size): Size {
  const scale = Math.min(1, LARGEST_SIDE / Math.max(width, height));
  const enlarge = Math.max(1, SMALLEST_SIDE / (Math.min(width, height) * scale));
  return { width: side(width * scale * enlarge), height: side(height * scale * enlarge) };
}

function side(pixels: number): number {
  return Math.min(LARGEST_SIDE, Math.max(SMALLEST_SIDE, Math.round(pixels / STEP) * STEP));
}
