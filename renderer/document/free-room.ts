import type { Box } from "./arrange.ts";
import type { Point } from "./commands.ts";

/** Where a card that nobody placed goes. Pure: flow pixels in and out. */
interface Area extends Point {
  readonly width: number;
  readonly height: number;
}

/** Between the new card and what is there already. */
const GAP = 40;
/** A place outside of what is seen is worth going this many times as far for one inside. */
const OUTSIDE = 4;
/** In a graph so dense that nothing free was found by then, the card goes below everything. */
const MOST_TRIES = 2_000;

export interface FreeRoom {
  /** Of the card. */
  readonly size: { readonly width: number; readonly height: number };
  /** What it must not lie on. */
  readonly taken: readonly Omit<Box, "id">[];
  /** What is seen: the card is to stand near its middle, and inside it where there is room. */
  readonly seen: Area;
  /** The upper left corner stands on multiples of this. */
  readonly grid: number;
}

/** The upper left corner of the free place that is nearest to the middle of what is seen. */
export function freeRoom({ size, taken, seen, grid }: FreeRoom): Point {
  const { width, height } = size;
  const wanted = {
    x: snap(seen.x + (seen.width - width) / 2, grid),
    y: snap(seen.y + (seen.height - height) / 2, grid),
  };
  const cost = ({ x, y }: Point) => {
    const outside =
      Math.max(0, seen.x - x, x + width - seen.x - seen.width) +
      Math.max(0, seen.y - y, y + height - seen.y - seen.height);
    return Math.hypot(x - wanted.x, y - wanted.y) + OUTSIDE * outside;
  };
  const tried = new Set<string>([`${wanted.x} ${wanted.y}`]);
  const waiting = [{ place: wanted, cost: cost(wanted) }];
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const nearest = waiting.reduce((best, one, at) => (one.cost < (waiting[best]?.cost ?? 0) ? at : best), 0);
    const [next] = waiting.splice(nearest, 1);
    if (!next) break;
    const { x, y } = next.place;
    const inTheWay = taken.find(
      (box) =>
        box.x < x + width + GAP &&
        box.x + box.width + GAP > x &&
        box.y < y + height + GAP &&
        box.y + box.height + GAP > y,
    );
    if (!inTheWay) return next.place;
    // Just past it, on each of its four sides.
    for (const place of [
      { x: Math.floor((inTheWay.x - GAP - width) / grid) * grid, y },
      { x: Math.ceil((inTheWay.x + inTheWay.width + GAP) / grid) * grid, y },
      { x, y: Math.floor((inTheWay.y - GAP - height) / grid) * grid },
      { x, y: Math.ceil((inTheWay.y + inTheWay.height + GAP) / grid) * grid },
    ]) {
      const key = `${place.x} ${place.y}`;
      if (tried.has(key)) continue;
      tried.add(key);
      waiting.push({ place, cost: cost(place) });
    }
  }
  const bottom = Math.max(...taken.map((box) => box.y + box.height));
  return { x: wanted.x, y: Math.ceil((bottom + GAP) / grid) * grid };
}

const snap = (value: number, grid: number) => Math.round(value / grid) * grid;
