import type { NumberParam } from "../../graph/definition.ts";

/** How numbers of a parameter are typed, stepped and dragged; pure. */
type Range = Pick<NumberParam, "kind" | "min" | "max" | "step" | "multipleOf">;

const FULL_DRAG_PX = 400;

/** The nearest value that the parameter may have. */
export function snapNumber(param: Range, value: number): number {
  const clamped = Math.min(param.max, Math.max(param.min, value));
  if (param.multipleOf) {
    const snapped = Math.round(clamped / param.multipleOf) * param.multipleOf;
    if (snapped > param.max) return snapped - param.multipleOf;
    return snapped < param.min ? snapped + param.multipleOf : snapped;
  }
  return param.kind === "integer" ? Math.round(clamped) : roundTo(clamped, 6);
}

export function stepNumber(param: Range, value: number, steps: number): number {
  return snapNumber(param, value + steps * (param.multipleOf ?? param.step));
}

/** A slider follows the pointer over its own width; Shift moves a tenth as far. */
export function moveByDrag(
  param: Range & { display?: string },
  start: number,
  pixels: number,
  { width, fine }: { width: number; fine: boolean },
): number {
  const span = param.max - param.min;
  // A wide range would jump hundreds at a time: fields then go by steps, one every four pixels.
  const perPixel =
    param.display === "slider"
      ? span / Math.max(1, width)
      : Math.min(span / FULL_DRAG_PX, (param.multipleOf ?? param.step) / 4);
  const moved = start + pixels * perPixel * (fine ? 0.1 : 1);
  return snapNumber(param, Math.round(moved / param.step) * param.step);
}

/** What was typed as a number; a comma counts as a decimal point. `undefined` when it is none. */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim().replace(",", ".");
  const value = Number(trimmed);
  return trimmed === "" || !Number.isFinite(value) ? undefined : value;
}

/** As many decimals as the step has, and never fewer than the value needs. */
export function formatNumber(param: Range, value: number): string {
  if (param.kind === "integer") return String(value);
  const decimals = Math.min(6, decimalsOf(param.step));
  const fixed = value.toFixed(decimals);
  return Number(fixed) === roundTo(value, 6) ? fixed : String(roundTo(value, 6));
}

function decimalsOf(step: number): number {
  const text = String(step);
  const exponent = /e-(\d+)$/.exec(text);
  return exponent ? Number(exponent[1]) : (text.split(".")[1]?.length ?? 0);
}

function roundTo(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
