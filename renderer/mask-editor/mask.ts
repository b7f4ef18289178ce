/** A mask while it is painted: 0 is kept, 255 is made anew. Pure; `data` is changed in place. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  /** [height, width] */
  readonly data: Uint8ClampedArray;
}

/** Pixels; right and bottom are not part of it. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Brush {
  /** Radius, pixels of the mask. */
  readonly radius: number;
  /** 0: soft from the middle on, 1: sharp. */
  readonly hardness: number;
  /** 0 to 1: how far it goes. */
  readonly strength: number;
  readonly erases: boolean;
}

export interface Dot {
  readonly x: number;
  readonly y: number;
  /** 0 to 1 of the brush's radius. */
  readonly pressure: number;
}

export function createMask(width: number, height: number): Mask {
  return { width, height, data: new Uint8ClampedArray(width * height) };
}

export const wholeOf = ({ width, height }: Mask): Area => ({ left: 0, top: 0, right: width, bottom: height });

/** How much of the brush there is at `distance` of its `radius`: all in the hard part, then a smooth fall to nothing. */
export function coverage(distance: number, radius: number, hardness: number): number {
  // Half a pixel on either side keeps the edge of a hard brush from being a staircase.
  const inner = Math.min(radius * hardness, radius - 0.5);
  const outer = Math.max(radius, 0.5) + 0.5;
  if (distance <= inner) return 1;
  if (distance >= outer) return 0;
  const t = (outer - distance) / (outer - inner);
  return t * t * (3 - 2 * t);
}

/**
 * Paints from one dot to the next. Where strokes overlap the stronger counts: going over a place again does not make a soft
 * edge hard.
 * @returns what may have changed
 */
export function paintLine(mask: Mask, from: Dot, to: Dot, brush: Brush): Area {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const steps = Math.max(1, Math.ceil(length / Math.max(1, brush.radius * 0.2)));
  let area: Area | undefined;
  for (let step = 0; step <= steps; step++) {
    const t = step / steps;
    const dot = {
      x: from.x + (to.x - from.x) * t,
      y: from.y + (to.y - from.y) * t,
      pressure: from.pressure + (to.pressure - from.pressure) * t,
    };
    const touched = paintDot(mask, dot, brush);
    area = area ? unite(area, touched) : touched;
  }
  return area!;
}

export function paintDot(mask: Mask, { x, y, pressure }: Dot, brush: Brush): Area {
  const radius = Math.max(0.5, brush.radius * pressure);
  const area = clip(mask, {
    left: Math.floor(x - radius - 1),
    top: Math.floor(y - radius - 1),
    right: Math.ceil(x + radius + 1),
    bottom: Math.ceil(y + radius + 1),
  });
  for (let row = area.top; row < area.bottom; row++) {
    for (let column = area.left; column < area.right; column++) {
      const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
      const value = 255 * brush.strength * coverage(distance, radius, brush.hardness);
      if (value <= 0) continue;
      const at = row * mask.width + column;
      const before = mask.data[at]!;
      mask.data[at] = brush.erases ? Math.min(before, 255 - value) : Math.max(before, value);
    }
  }
  return area;
}

/** The area of one value around a point, up to where it changes much: what a paint bucket fills. */
export function floodFill(mask: Mask, x: number, y: number, value: number, tolerance = 96): Area | undefined {
  const { width, height, data } = mask;
  const startX = Math.floor(x);
  const startY = Math.floor(y);
  if (startX < 0 || startY < 0 || startX >= width || startY >= height) return undefined;
  const wanted = data[startY * width + startX]!;
  if (wanted === value) return undefined;
  const fits = (at: number) => Math.abs(data[at]! - wanted) <= tolerance && !done[at];
  const done = new Uint8Array(width * height);
  const open = [startY * width + startX];
  let area: Area | undefined;
  while (open.length > 0) {
    const seed = open.pop()!;
    if (!fits(seed)) continue;
    const row = Math.floor(seed / width);
    let left = seed;
    while (left > row * width && fits(left - 1)) left--;
    let right = seed;
    while (right < (row + 1) * width - 1 && fits(right + 1)) right++;
    for (let at = left; at <= right; at++) {
      done[at] = 1;
      if (row > 0 && fits(at - width)) open.push(at - width);
      if (row < height - 1 && fits(at + width)) open.push(at + width);
    }
    const run = { left: left - row * width, top: row, right: right - row * width + 1, bottom: row + 1 };
    area = area ? unite(area, run) : run;
  }
  for (let at = 0; at < done.length; at++) if (done[at]) data[at] = value;
  return area;
}

export function fillArea(mask: Mask, area: Area, value: number): Area {
  const inside = clip(mask, area);
  for (let row = inside.top; row < inside.bottom; row++) {
    mask.data.fill(value, row * mask.width + inside.left, row * mask.width + inside.right);
  }
  return inside;
}

export function invert(mask: Mask): Area {
  for (let at = 0; at < mask.data.length; at++) mask.data[at] = 255 - mask.data[at]!;
  return wholeOf(mask);
}

/** Of all pixels, 0 to 1. */
export function paintedShare(mask: Mask): number {
  let sum = 0;
  for (const value of mask.data) sum += value;
  return mask.data.length === 0 ? 0 : sum / (255 * mask.data.length);
}

export function unite(a: Area, b: Area): Area {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

export function clip({ width, height }: Mask, { left, top, right, bottom }: Area): Area {
  const x = Math.max(0, Math.min(width, left));
  const y = Math.max(0, Math.min(height, top));
  return { left: x, top: y, right: Math.max(x, Math.min(width, right)), bottom: Math.max(y, Math.min(height, bottom)) };
}

/** The values of an area, row by row. */
export function readArea(mask: Mask, { left, top, right, bottom }: Area): Uint8ClampedArray {
  const values = new Uint8ClampedArray((right - left) * (bottom - top));
  for (let row = top; row < bottom; row++) {
    values.set(mask.data.subarray(row * mask.width + left, row * mask.width + right), (row - top) * (right - left));
  }
  return values;
}

export function writeArea(mask: Mask, { left, top, right, bottom }: Area, values: Uint8ClampedArray): void {
  for (let row = top; row < bottom; row++) {
    const start = (row - top) * (right - left);
    mask.data.set(values.subarray(start, start + right - left), row * mask.width + left);
  }
}
