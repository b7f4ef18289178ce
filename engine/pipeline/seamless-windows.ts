import { modulo } from "../models/z-image/tokens.ts";
import type { SeamlessDrawing } from "../types.ts";

/**
 * Drawing a picture whose sides continue on the opposite side, with a transformer that was taught pictures with edges: at
 * every step the latent is taken apart into windows that reach over its sides, each as if it were a picture of its own, and
 * their predictions are blended (the windows are MultiDiffusion's, arXiv 2302.08113). Where the windows lie changes from
 * step to step, so no place is an edge twice. A latent that fits one window costs one pass: it is only rolled.
 */

/** One direction: all windows are equally long, and may reach beyond the end. */
export interface WindowAxis {
  readonly extent: number;
  readonly starts: readonly number[];
  /** Whether what reaches beyond the end continues at the beginning. */
  readonly wraps: boolean;
}

export interface Windows {
  readonly rows: WindowAxis;
  readonly columns: WindowAxis;
}

/** Latent pixels per token and side: windows start where tokens do. */
const PATCH = 2;
/** Successive multiples of it, modulo 1, lie as far from each other as they can; the second one for the other axis. */
const STRIDES = [0.6180339887498949, 0.7548776662466927] as const;

/** @param offset 0 to 1 for each axis: where the first window starts, as a share of the latent's size. */
export function seamlessWindows(
  size: { readonly height: number; readonly width: number },
  { horizontal, vertical, tile, stride }: SeamlessDrawing,
  offset: { readonly rows: number; readonly columns: number },
): Windows {
  return {
    rows: vertical ? around(size.height, tile, stride, offset.rows) : along(size.height, tile, stride),
    columns: horizontal ? around(size.width, tile, stride, offset.columns) : along(size.width, tile, stride),
  };
}

/** Where the first window starts at a step. The same seed gives the same places. */
export function windowOffset(step: number, seed: bigint): { rows: number; columns: number } {
  const start = Number(seed % 1009n) / 1009;
  const [rows, columns] = STRIDES.map((share) => modulo(start + (step + 1) * share, 1));
  return { rows: rows!, columns: columns! };
}

/** Whether the windows hold the whole latent, rolled. */
export const isWhole = ({ rows, columns }: Windows, size: { height: number; width: number }): boolean =>
  rows.extent === size.height && columns.extent === size.width;

function around(length: number, tile: number, stride: number, offset: number): WindowAxis {
  const count = Math.max(1, Math.ceil(length / stride));
  const starts = Array.from({ length: count }, (_, i) => modulo(even((offset + i / count) * length), length));
  return { extent: Math.min(tile, length), starts, wraps: true };
}

function along(length: number, tile: number, stride: number): WindowAxis {
  if (length <= tile) return { extent: length, starts: [0], wraps: false };
  const count = Math.ceil((length - tile) / stride) + 1;
  const starts = Array.from({ length: count }, (_, i) => even((i * (length - tile)) / (count - 1)));
  return { extent: tile, starts, wraps: false };
}

const even = (value: number): number => PATCH * Math.floor(value / PATCH);

interface Planes {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
}

/** One window of `[channels, height, width]`. */
export function windowOf({ values, height, width }: Planes, { rows, columns }: Windows, at: WindowPlace): Float32Array {
  const channels = values.length / (height * width);
  const part = new Float32Array(channels * rows.extent * columns.extent);
  let to = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < rows.extent; y++) {
      const row = (channel * height + ((at.top + y) % height)) * width;
      for (let x = 0; x < columns.extent; x++) part[to++] = values[row + ((at.left + x) % width)]!;
    }
  }
  return part;
}

export interface WindowPlace {
  readonly top: number;
  readonly left: number;
}

export const placesOf = ({ rows, columns }: Windows): WindowPlace[] =>
  rows.starts.flatMap((top) => columns.starts.map((left) => ({ top, left })));

/**
 * The windows' predictions put together; where several overlap, the nearer a place is to the middle of a window, the more
 * that window counts.
 *
 * @param parts in the order of {@link placesOf}
 */
export function blended(
  parts: readonly Float32Array[],
  windows: Windows,
  { height, width }: { height: number; width: number },
): Float32Array {
  const { rows, columns } = windows;
  const channels = parts[0]!.length / (rows.extent * columns.extent);
  const sum = new Float32Array(channels * height * width);
  const weights = new Float32Array(height * width);
  const rowShares = shares(rows);
  const columnShares = shares(columns);
  for (const [i, { top, left }] of placesOf(windows).entries()) {
    const part = parts[i]!;
    for (let y = 0; y < rows.extent; y++) {
      for (let x = 0; x < columns.extent; x++) {
        const place = ((top + y) % height) * width + ((left + x) % width);
        const weight = rowShares[y]! * columnShares[x]!;
        weights[place]! += weight;
        for (let channel = 0; channel < channels; channel++) {
          sum[channel * height * width + place]! += weight * part[(channel * rows.extent + y) * columns.extent + x]!;
        }
      }
    }
  }
  return sum.map((value, i) => value / weights[i % weights.length]!);
}

/** A ramp from each end to the middle; even where there is nothing to blend with. */
function shares({ extent, starts }: WindowAxis): Float32Array {
  return Float32Array.from({ length: extent }, (_, i) =>
    starts.length === 1 ? 1 : Math.min(i + 0.5, extent - i - 0.5) / extent,
  );
}
