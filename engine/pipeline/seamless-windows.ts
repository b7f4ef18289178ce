import type { ClosedAxes } from "../models/z-image/tokens.ts";
import type { SeamlessDrawing } from "../types.ts";

/**
 * Drawing a picture whose sides continue on the opposite side, with a transformer that was taught pictures with edges.
 *
 * A picture that fits one tile is drawn at once, with positions that go around (`rotaryTables`). What is left of edges
 * comes from where the positions begin; so in the last steps, when the layout stands, they begin in the middle. A larger
 * one is taken apart at every step into overlapping tiles that reach over its sides, each as if it were a picture of its
 * own, and their predictions are blended (MultiDiffusion, arXiv 2302.08113).
 */

/** One direction: all windows are equally long, and may reach beyond the end, where the beginning follows. */
export interface WindowAxis {
  readonly extent: number;
  readonly starts: readonly number[];
  /** A single window around the picture, without an edge. */
  readonly closed: boolean;
}

export interface Windows {
  readonly rows: WindowAxis;
  readonly columns: WindowAxis;
}

/** Latent pixels per token and side: windows start where tokens do. */
const PATCH = 2;
/** Share of the steps, the last ones, in which positions begin in the middle: one of 8, two of 20. */
const LATE_SHARE = 0.12;

/** @param isLate see {@link isLateStep} */
export function seamlessWindows(
  size: { readonly height: number; readonly width: number },
  { horizontal, vertical, tile, stride }: SeamlessDrawing,
  isLate: boolean,
): Windows {
  return {
    rows: vertical ? around(size.height, tile, stride, isLate) : along(size.height, tile, stride),
    columns: horizontal ? around(size.width, tile, stride, isLate) : along(size.width, tile, stride),
  };
}

export const isLateStep = (step: number, steps: number): boolean =>
  step >= steps - Math.max(1, Math.round(LATE_SHARE * steps));

export const closedAxes = ({ rows, columns }: Windows): ClosedAxes => ({ rows: rows.closed, columns: columns.closed });

function around(length: number, tile: number, stride: number, isLate: boolean): WindowAxis {
  if (length <= tile) return { extent: length, starts: [isLate ? even(length / 2) : 0], closed: true };
  const count = Math.ceil(length / stride);
  return { extent: tile, starts: Array.from({ length: count }, (_, i) => even((i / count) * length)), closed: false };
}

function along(length: number, tile: number, stride: number): WindowAxis {
  if (length <= tile) return { extent: length, starts: [0], closed: false };
  const count = Math.ceil((length - tile) / stride) + 1;
  const starts = Array.from({ length: count }, (_, i) => even((i * (length - tile)) / (count - 1)));
  return { extent: tile, starts, closed: false };
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
