import { gaussianBlur } from "./gaussian.ts";
import type { GreyPlane } from "./grey.ts";

export interface CannyOptions {
  /** Edges weaker than this are none, in units of OpenCV's `Canny`: |gx| + |gy| of 3 x 3 Sobel, of 0 to 255 values. */
  readonly low: number;
  /** Edges at least as strong as this are edges; those between count where they touch one. */
  readonly high: number;
  /** Gaussian blur before, in pixels; 0 is none. */
  readonly sigma?: number;
}

/** tan(22.5 degrees) and tan(67.5 degrees): where the four directions of a gradient part. */
const [TAN_22, TAN_67] = [Math.SQRT2 - 1, Math.SQRT2 + 1];
const EDGE = 255;

/**
 * Edges one pixel wide, 255 on 0 (Canny 1986: Sobel gradient, thinning across the edge, hysteresis). The outermost pixels
 * are never edges.
 */
export function cannyEdges(plane: GreyPlane, { low, high, sigma = 0 }: CannyOptions): GreyPlane {
  const { width, height } = plane;
  const { gx, gy, strength } = sobel(gaussianBlur(plane, sigma));
  const values = new Float32Array(width * height);
  const open: number[] = [];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      if (strength[i]! >= high && isRidge(i, width, gx, gy, strength)) {
        values[i] = EDGE;
        open.push(i);
      }
    }
  }
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    for (const offset of [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1]) {
      const at = i + offset;
      const isBorder = at % width === 0 || at % width === width - 1 || at < width || at >= (height - 1) * width;
      if (isBorder || values[at] === EDGE || strength[at]! < low || !isRidge(at, width, gx, gy, strength)) continue;
      values[at] = EDGE;
      open.push(at);
    }
  }
  return { width, height, values };
}

/** Whether a pixel is the strongest one across its edge; of two equals the first one counts. */
function isRidge(i: number, width: number, gx: Float32Array, gy: Float32Array, strength: Float32Array): boolean {
  const [x, y] = [Math.abs(gx[i]!), Math.abs(gy[i]!)];
  let across = gx[i]! * gy[i]! < 0 ? width - 1 : width + 1;
  if (y < TAN_22 * x) across = 1;
  else if (y > TAN_67 * x) across = width;
  return strength[i]! > strength[i - across]! && strength[i]! >= strength[i + across]!;
}

function sobel({ values, width, height }: GreyPlane): Record<"gx" | "gy" | "strength", Float32Array> {
  const [gx, gy, strength] = [0, 1, 2].map(() => new Float32Array(values.length)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const at = (dx: number, dy: number) => values[i + dy * width + dx]!;
      gx[i] = at(1, -1) + 2 * at(1, 0) + at(1, 1) - at(-1, -1) - 2 * at(-1, 0) - at(-1, 1);
      gy[i] = at(-1, 1) + 2 * at(0, 1) + at(1, 1) - at(-1, -1) - 2 * at(0, -1) - at(1, -1);
      strength[i] = Math.abs(gx[i]!) + Math.abs(gy[i]!);
    }
  }
  return { gx, gy, strength };
}
