/** Sizes in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The sizes by name that hosted services use. */
export const sizePresets: readonly (Size & { name: string; label: string })[] = [
  { name: "square_hd", label: "Square HD", width: 1024, height: 1024 },
  { name: "square", label: "Square", width: 512, height: 512 },
  { name: "portrait_4_3", label: "Portrait 4:3", width: 768, height: 1024 },
  { name: "portrait_16_9", label: "Portrait 16:9", width: 576, height: 1024 },
  { name: "landscape_4_3", label: "Landscape 4:3", width: 1024, height: 768 },
  { name: "landscape_16_9", label: "Landscape 16:9", width: 1024, height: 576 },
];

/** What a model can draw, per side, in pixels. */
export interface SizeLimits {
  readonly min: number;
  readonly max: number;
  readonly multipleOf: number;
}

/** How much more a wrong aspect ratio counts than a wrong area. */
const ASPECT_WEIGHT = 8;

/** The size within the limits that is nearest to the one asked for: first of all in aspect ratio, then in area. */
export function nearestSize(asked: Size, limits: SizeLimits): Size {
  if (isWithin(asked.width, limits) && isWithin(asked.height, limits)) return asked;
  const sides = sidesWithin(limits);
  let best: Size = asked;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const width of sides) {
    for (const height of sides) {
      const across = Math.log(width / asked.width);
      const down = Math.log(height / asked.height);
      const distance = ASPECT_WEIGHT * Math.abs(across - down) + Math.abs(across + down);
      if (distance < bestDistance) {
        best = { width, height };
        bestDistance = distance;
      }
    }
  }
  return best;
}

function isWithin(side: number, { min, max, multipleOf }: SizeLimits): boolean {
  return side >= min && side <= max && side % multipleOf === 0;
}

function sidesWithin({ min, max, multipleOf }: SizeLimits): number[] {
  const first = Math.ceil(min / multipleOf);
  const last = Math.floor(max / multipleOf);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * multipleOf);
}
