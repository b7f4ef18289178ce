/** Noise levels of diffusers' `UniPCMultistepScheduler` and `DPMSolverMultistepScheduler` with flow sigmas. */
import { linspace64 } from "../float32.ts";
import { applyShift, respace, type Shift, type SigmaTable } from "./flow-match.ts";
import { TRAIN_TIMESTEPS } from "./flow-table.ts";

const PURE_NOISE_MARGIN = 1e-6;

/** UniPC's table: from 1 (lowered by 1e-6) towards 1/1000, shifted. With `times` given, those instead, shifted. */
export function uniPcSigmas(steps: number, shift: Shift, times?: Float64Array): SigmaTable {
  const unshifted = times ?? linspace64(1, 1 / TRAIN_TIMESTEPS, steps + 1).subarray(0, steps);
  const levels = unshifted.map((t) => applyShift(shift, t));
  if (Math.abs(levels[0]! - 1) < PURE_NOISE_MARGIN) levels[0] = levels[0]! - PURE_NOISE_MARGIN;
  return withTruncatedTimesteps(levels);
}

/** UniPC's table with Karras spacing, which spans the noise levels of a DDPM and knows no shift. */
export function uniPcKarrasSigmas(steps: number, betaStart = 0.0001, betaEnd = 0.02): SigmaTable {
  const [smallest, largest] = ddpmSigmaRange(betaStart, betaEnd);
  const ends = new Float64Array(steps).fill(smallest);
  ends[0] = largest;
  return withTruncatedTimesteps(respace(ends, "karras").map((sigma) => sigma / (1 + sigma)));
}

/** DPM-Solver's table: starts below 1 and is shifted. */
export function dpmSolverSigmas(steps: number, shift: Shift): SigmaTable {
  const alphas = linspace64(1, 1 / TRAIN_TIMESTEPS, steps + 1);
  const levels = alphas.map((alpha) => applyShift(shift, 1 - alpha)).reverse();
  return withTruncatedTimesteps(levels.subarray(0, steps));
}

/** The reference keeps timesteps as integers, and so the network is told a little less than 1000 sigma. */
function withTruncatedTimesteps(levels: Float64Array): SigmaTable {
  return {
    sigmas: Float32Array.from([...levels, 0]),
    timesteps: Float32Array.from(levels, (sigma) => Math.trunc(sigma * TRAIN_TIMESTEPS)),
  };
}

/** Smallest and largest noise over signal of a DDPM with linearly growing betas, in float32. */
function ddpmSigmaRange(betaStart: number, betaEnd: number): [smallest: number, largest: number] {
  const round = Math.fround;
  const betas = Float32Array.from(linspace64(betaStart, betaEnd, TRAIN_TIMESTEPS));
  const sigmaAt = (signal: number) => round(Math.sqrt(round(round(1 - signal) / signal)));
  let product = 1;
  for (const beta of betas) product *= round(1 - beta);
  return [sigmaAt(round(1 - betas[0]!)), sigmaAt(round(product))];
}
