/**
 * Noise levels of the diffusers flow-matching schedulers (`FlowMatchEulerDiscreteScheduler`,
 * `FlowMatchHeunDiscreteScheduler`).
 */
import { betaQuantile } from "../beta-distribution.ts";
import { linspace64 } from "../float32.ts";
import { flowTable, TRAIN_TIMESTEPS } from "./flow-table.ts";

const round = Math.fround;
const KARRAS_RHO = 7;
const BETA_SHAPE = 0.6;

export type SigmaVariant = "karras" | "exponential" | "beta";

/** How the times are moved towards more or less noise: by a fixed factor, or by `mu`, which depends on the picture size. */
export type Shift =
  | { readonly kind: "static"; readonly shift: number }
  | { readonly kind: "exponential" | "linear"; readonly mu: number };

/** The size-dependent shifts are static ones in disguise: this is the factor. */
export function effectiveShift(shift: Shift): number {
  if (shift.kind === "static") return shift.shift;
  return shift.kind === "exponential" ? Math.exp(shift.mu) : shift.mu;
}

export interface SigmaTable {
  /** [steps + 1], descending, the last one 0. */
  readonly sigmas: Float32Array;
  /** [steps], what the network is told: 1000 sigma, for some schedulers without its fraction. */
  readonly timesteps: Float32Array;
}

export interface FlowMatchOptions {
  readonly steps: number;
  readonly shift: Shift;
  /** Respaces the shifted noise levels between the first and the last of them. */
  readonly variant?: SigmaVariant | undefined;
}

/** The table that the Z-Image pipelines use: times from 1 to 1/steps, then shifted. */
export function pipelineSigmas({ steps, shift, variant }: FlowMatchOptions): SigmaTable {
  const times = Float32Array.from(linspace64(1, 1 / steps, steps));
  const shifted = Float64Array.from(times, (t) => applyShift32(shift, t));
  return withTerminalZero(respace(shifted, variant));
}

/**
 * The table of a bare `set_timesteps(steps)`: it spans the noise levels of the (already shifted) training table and is
 * shifted once more.
 */
export function bareSigmas({ steps, shift, variant }: FlowMatchOptions): SigmaTable {
  const { sigmas } = flowTable(shift.kind === "static" ? shift.shift : 1);
  const largest = sigmas.at(-1)! * TRAIN_TIMESTEPS;
  const smallest = sigmas[0]! * TRAIN_TIMESTEPS;
  const shifted = linspace64(largest, smallest, steps).map((timestep) => applyShift(shift, timestep / TRAIN_TIMESTEPS));
  return withTerminalZero(respace(shifted, variant));
}

export function applyShift(shift: Shift, t: number): number {
  switch (shift.kind) {
    case "static":
      return (shift.shift * t) / (1 + (shift.shift - 1) * t);
    case "exponential":
      return Math.exp(shift.mu) / (Math.exp(shift.mu) + (1 / t - 1));
    case "linear":
      return shift.mu / (shift.mu + (1 / t - 1));
  }
}

/** As {@link applyShift}, rounded to float32 after each operation, since the reference's array is float32 here. */
function applyShift32(shift: Shift, t: number): number {
  if (shift.kind === "static") {
    return round(round(round(shift.shift) * t) / round(1 + round(round(shift.shift - 1) * t)));
  }
  const weight = round(shift.kind === "exponential" ? Math.exp(shift.mu) : shift.mu);
  return round(weight / round(weight + round(round(1 / t) - 1)));
}

/** Size-dependent shift: `mu` on the line through (base tokens, base shift) and (max tokens, max shift). */
export function calculateShift(
  imageTokens: number,
  { baseTokens = 256, maxTokens = 4096, baseShift = 0.5, maxShift = 1.15 } = {},
): number {
  const slope = (maxShift - baseShift) / (maxTokens - baseTokens);
  return imageTokens * slope + (baseShift - slope * baseTokens);
}

export function respace(sigmas: Float64Array, variant: SigmaVariant | undefined): Float64Array {
  if (variant === undefined) return sigmas;
  const steps = sigmas.length;
  const largest = sigmas[0]!;
  const smallest = sigmas.at(-1)!;
  switch (variant) {
    case "karras": {
      const from = largest ** (1 / KARRAS_RHO);
      const to = smallest ** (1 / KARRAS_RHO);
      return linspace64(0, 1, steps).map((ramp) => (from + ramp * (to - from)) ** KARRAS_RHO);
    }
    case "exponential":
      return linspace64(Math.log(largest), Math.log(smallest), steps).map(Math.exp);
    case "beta":
      return linspace64(0, 1, steps).map(
        (ramp) => smallest + betaQuantile(1 - ramp, BETA_SHAPE, BETA_SHAPE) * (largest - smallest),
      );
  }
}

function withTerminalZero(levels: Float64Array): SigmaTable {
  const sigmas = Float32Array.from([...levels, 0]);
  return { sigmas, timesteps: sigmas.subarray(0, -1).map((sigma) => sigma * TRAIN_TIMESTEPS) };
}
