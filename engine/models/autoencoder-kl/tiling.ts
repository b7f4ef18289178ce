import type { SeamlessTiling } from "../../types.ts";

/**
 * Cutting a large picture into overlapping tiles, which bounds memory, and blending what becomes of them. A decoder whose
 * norms or attention look at all of a picture gives tiles that differ a little from the whole: see `autoencoder.ts`.
 */

/** Longest side of a tile, in latent pixels. */
const LARGEST_TILE = 64;
/** Least overlap of neighbours, in latent pixels. */
const OVERLAP = 12;
/** Longest side of the version that norms take their statistics from, in latent pixels. */
const REDUCED = 64;

/** One direction of a tiling: all tiles are equally long. */
export interface Tiling {
  readonly tile: number;
  readonly starts: readonly number[];
}

/** The fewest equal tiles that cover `length` with at least {@link OVERLAP} between neighbours. */
export function tilesOf(length: number): Tiling {
  if (length <= LARGEST_TILE) return { tile: length, starts: [0] };
  const count = Math.ceil((length - OVERLAP) / (LARGEST_TILE - OVERLAP));
  const tile = Math.ceil((length + (count - 1) * OVERLAP) / count);
  const starts = Array.from({ length: count }, (_, i) => Math.round((i * (length - tile)) / (count - 1)));
  return { tile, starts };
}

export interface TiledSource {
  /** `[channels, height, width]` */
  readonly values: Float32Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * @param decode a tile to planes `[planes, scale h, scale w]`
 * @returns `[planes, scale * height, scale * width]`
 */
export async function decodeInTiles(
  source: TiledSource,
  { planes, scale }: { planes: number; scale: number },
  decode: (tile: TiledSource) => Promise<Float32Array>,
): Promise<Float32Array> {
  const rows = tilesOf(source.height);
  const columns = tilesOf(source.width);
  const [height, width] = [source.height * scale, source.width * scale];
  const picture = new Float32Array(planes * height * width);
  const rowShares = shares(rows, source.height, scale);
  const columnShares = shares(columns, source.width, scale);
  for (const [i, top] of rows.starts.entries()) {
    for (const [j, left] of columns.starts.entries()) {
      const size = { height: rows.tile, width: columns.tile };
      const tile = await decode({ values: crop(source, { top, left, ...size }), channels: source.channels, ...size });
      const [tileHeight, tileWidth] = [size.height * scale, size.width * scale];
      for (let plane = 0; plane < planes; plane++) {
        for (let y = 0; y < tileHeight; y++) {
          const from = (plane * tileHeight + y) * tileWidth;
          const to = (plane * height + top * scale + y) * width + left * scale;
          const rowShare = rowShares[i]![y]!;
          for (let x = 0; x < tileWidth; x++) {
            picture[to + x] = picture[to + x]! + tile[from + x]! * rowShare * columnShares[j]![x]!;
          }
        }
      }
    }
  }
  return picture;
}

/** A smaller version, of evenly spaced rows and columns: neighbours stay as sharp as they are. */
export function reduced(source: TiledSource): TiledSource {
  const { values, channels } = source;
  const height = Math.min(source.height, REDUCED);
  const width = Math.min(source.width, REDUCED);
  const picked = new Float32Array(channels * height * width);
  for (let i = 0; i < picked.length; i++) {
    const x = Math.floor((((i % width) + 0.5) * source.width) / width);
    const y = Math.floor((((Math.floor(i / width) % height) + 0.5) * source.height) / height);
    const channel = Math.floor(i / (width * height));
    picked[i] = values[(channel * source.height + y) * source.width + x]!;
  }
  return { values: picked, channels, height, width };
}

/** How far the decoder's upper part sees, in latent pixels, and a little more: so much of the other side is put beyond a side. */
const CONTINUED = 16;

/** The features with parts of the other side beyond the sides that continue. */
export function continued(
  source: TiledSource,
  { horizontal, vertical }: SeamlessTiling = { horizontal: false, vertical: false },
): { source: TiledSource; margin: { vertical: number; horizontal: number } } {
  const margin = { vertical: vertical ? CONTINUED : 0, horizontal: horizontal ? CONTINUED : 0 };
  const { values, channels } = source;
  const height = source.height + 2 * margin.vertical;
  const width = source.width + 2 * margin.horizontal;
  const wider = new Float32Array(channels * height * width);
  for (let i = 0; i < wider.length; i++) {
    const x = modulo((i % width) - margin.horizontal, source.width);
    const y = modulo((Math.floor(i / width) % height) - margin.vertical, source.height);
    const channel = Math.floor(i / (width * height));
    wider[i] = values[(channel * source.height + y) * source.width + x]!;
  }
  return { source: { values: wider, channels, height, width }, margin };
}

/** Without `margin` at each end. */
export function cropped(source: TiledSource, margin: { vertical: number; horizontal: number }): Float32Array {
  if (margin.vertical === 0 && margin.horizontal === 0) return source.values;
  return crop(source, {
    top: margin.vertical,
    left: margin.horizontal,
    height: source.height - 2 * margin.vertical,
    width: source.width - 2 * margin.horizontal,
  });
}

const modulo = (value: number, size: number): number => ((value % size) + size) % size;

function crop(
  { values, channels, height, width }: TiledSource,
  part: { top: number; left: number; height: number; width: number },
): Float32Array {
  const cropped = new Float32Array(channels * part.height * part.width);
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < part.height; y++) {
      const from = (channel * height + part.top + y) * width + part.left;
      cropped.set(values.subarray(from, from + part.width), (channel * part.height + y) * part.width);
    }
  }
  return cropped;
}

/** For every tile, how much it counts at each of its pixels: ramps over the overlaps, and a sum of 1 everywhere. */
function shares({ tile, starts }: Tiling, length: number, scale: number): Float32Array[] {
  const weights = starts.map((start, i) => {
    const before = i === 0 ? 0 : (starts[i - 1]! + tile - start) * scale;
    const after = i === starts.length - 1 ? 0 : (start + tile - starts[i + 1]!) * scale;
    const size = tile * scale;
    return Float32Array.from({ length: size }, (_, x) => ramp(x, before) * ramp(size - 1 - x, after));
  });
  const sums = new Float32Array(length * scale);
  weights.forEach((tileWeights, i) => {
    for (const [x, weight] of tileWeights.entries()) sums[starts[i]! * scale + x]! += weight;
  });
  return weights.map((tileWeights, i) => tileWeights.map((weight, x) => weight / sums[starts[i]! * scale + x]!));
}

/** Smooth from 0 to 1 over `width` pixels from an edge. */
function ramp(distance: number, width: number): number {
  if (distance >= width) return 1;
  return Math.sin((((distance + 0.5) / width) * Math.PI) / 2) ** 2;
}
