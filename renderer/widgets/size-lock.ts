import { createStore } from "zustand/vanilla";

/** Nodes whose width follows their height, with the ratio (width / height) that is kept. Of this window only. */
export const sizeLocks = createStore<ReadonlyMap<string, number>>(() => new Map());

export function setSizeLock(key: string, ratio: number | undefined): void {
  const next = new Map(sizeLocks.getState());
  if (ratio === undefined) next.delete(key);
  else next.set(key, ratio);
  sizeLocks.setState(next, true);
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly multipleOf?: number | undefined;
}

/** The other side for a side that was changed, as near to the ratio as its range allows. */
export function otherSide(changed: "width" | "height", value: number, ratio: number, range: Range): number {
  return fitSide(changed === "width" ? value / ratio : value * ratio, range);
}

/** About as many pixels as now, in the shape of `ratio`. */
export function sizeInShape(
  ratio: number,
  now: { width: number; height: number },
  ranges: { width: Range; height: Range },
) {
  const pixels = now.width * now.height;
  return {
    width: fitSide(Math.sqrt(pixels * ratio), ranges.width),
    height: fitSide(Math.sqrt(pixels / ratio), ranges.height),
  };
}

function fitSide(value: number, { min, max, multipleOf = 1 }: Range): number {
  const snapped = Math.round(value / multipleOf) * multipleOf;
  if (snapped < min) return Math.ceil(min / multipleOf) * multipleOf;
  return snapped > max ? Math.floor(max / multipleOf) * multipleOf : snapped;
}
