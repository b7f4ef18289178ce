/**
 * SA-Solver (arXiv 2309.05019): stochastic Adams predictor (order 3) and corrector (order 4) in half log-SNR, as ComfyUI
 * has it. Noise is added between 20 % and 80 % of the sampling.
 */
import { combine, type Term } from "../float32.ts";
import { sigmaAtProgress } from "../schedules/flow-table.ts";
import { halfLogSnr, startBelowPureNoise } from "./half-log-snr.ts";
import { solveLinearSystem } from "./linear-system.ts";
import { type Solver, stepwise } from "./solver.ts";

const PREDICTOR_ORDER = 3;
const CORRECTOR_ORDER = 4;
const NOISE_FROM_PROGRESS = 0.2;
const NOISE_TO_PROGRESS = 0.8;

interface Known {
  readonly time: number;
  readonly denoised: Float32Array;
}

/**
 * The Adams step from half log-SNR `from` to `to` (noise level `level`): terms of the clean latents in `known`, for
 * stochastic strength `tau` (0: ODE, 1: reverse SDE).
 */
function adamsTerms(known: readonly Known[], from: number, to: number, level: number, tau: number): Term[] {
  const integrals = exponentialMoments(from, to, known.length, tau);
  const powers = integrals.map((_, p) => known.map(({ time }) => time ** p));
  const weights = solveLinearSystem(powers, integrals);
  return weights.map((weight, k): Term => [(1 - level) * weight, known[k]!.denoised]);
}

/** `(1 + tau²) ∫ exp((1 + tau²)(x - to)) x^p dx` from `from` to `to`, for p = 0 ... count - 1, by parts. */
function exponentialMoments(from: number, to: number, count: number, tau: number): number[] {
  const rate = 1 + tau ** 2;
  const fade = Math.exp(-rate * (to - from));
  const moments: number[] = [];
  for (let p = 0; p < count; p++) {
    const boundary = to ** p - from ** p * fade;
    moments.push(p === 0 ? boundary : boundary - (p / rate) * moments[p - 1]!);
  }
  return moments;
}

/** `reevaluate` calls the model again after each correction (PECE). */
function stochasticAdams(reevaluate: boolean): Solver {
  return stepwise(({ sigmas, shift = 1 }) => {
    const noisiest = sigmaAtProgress(shift, NOISE_FROM_PROGRESS);
    const cleanest = sigmaAtProgress(shift, NOISE_TO_PROGRESS);
    const tauAt = (sigma: number) => (sigma <= noisiest && sigma >= cleanest ? 1 : 0);
    const steps = sigmas.length - 1;
    const endsClean = sigmas.at(-1) === 0;

    let known: Known[] = [];
    /** The corrected sample at the start of the step before, and what that step's predictor added to it. */
    let before: { x: Float32Array; sigma: number; tau: number; noise: Term | null } | null = null;

    return async (step) => {
      const { sigma, next, index } = step;
      const time = halfLogSnr(sigma);
      let { denoised } = step;
      known = [{ time, denoised }, ...known].slice(0, CORRECTOR_ORDER);
      // Near the end the order falls with the number of steps left.
      const left = steps - index;
      const predictorOrder = Math.min(PREDICTOR_ORDER, known.length, endsClean ? left - 1 : known.length);
      const correctorOrder = Math.min(known.length, endsClean ? left : known.length);

      let x = step.x;
      if (before !== null && !(next === 0 && !reevaluate) && correctorOrder > 0) {
        const from = halfLogSnr(before.sigma);
        x = combine(
          [(sigma / before.sigma) * Math.exp(-(before.tau ** 2) * (time - from)), before.x],
          ...adamsTerms(known.slice(0, correctorOrder), from, time, sigma, before.tau),
          ...(before.noise === null ? [] : [before.noise]),
        );
        if (reevaluate) {
          ({ denoised } = await step.predict(x, sigma));
          known = [{ time, denoised }, ...known.slice(1)];
        }
      }

      if (next === 0) return denoised;
      const tau = tauAt(next);
      const nextTime = halfLogSnr(next);
      const stride = nextTime - time;
      const noise: Term | null =
        tau > 0 ? [next * Math.sqrt(-Math.expm1(-2 * tau ** 2 * stride)), step.drawNoise()] : null;
      before = { x, sigma, tau, noise };
      return combine(
        [(next / sigma) * Math.exp(-(tau ** 2) * stride), x],
        ...adamsTerms(known.slice(0, predictorOrder), time, nextTime, next, tau),
        ...(noise === null ? [] : [noise]),
      );
    };
  }, startBelowPureNoise);
}

export const saSolver: Solver = stochasticAdams(false);
export const saSolverPece: Solver = stochasticAdams(true);
