/** One part of a picture: what is read, and which part of the result is kept. In pixels of the picture. */
export interface Tile {
  readonly x: Span;
  readonly y: Span;
}

/** `readStart..readEnd` is given to the model, of which `start..end` is kept. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly readStart: number;
  readonly readEnd: number;
}

/** Tiles that cover a picture once, each read with `overlap` pixels of its surroundings where there are any. */
export function planTiles(width: number, height: number, tile: number, overlap: number): Tile[] {
  const columns = spans(width, tile, overlap);
  return spans(height, tile, overlap).flatMap((y) => columns.map((x) => ({ x, y })));
}

/** Of nearly equal lengths, so that no sliver is left at the end. */
function spans(length: number, tile: number, overlap: number): Span[] {
  const count = Math.ceil(length / tile);
  return Array.from({ length: count }, (_, i) => {
    const start = Math.floor((i * length) / count);
    const end = Math.floor(((i + 1) * length) / count);
    return { start, end, readStart: Math.max(0, start - overlap), readEnd: Math.min(length, end + overlap) };
  });
}
