import { combine } from "../float32.ts";
import { halfLogSnr, sigmaAtHalfLogSnr, startBelowPureNoise } from "./half-log-snr.ts";
import { renoiseExploding } from "./renoise.ts";
import { type Solver, stepwise } from "./solver.ts";

const round = Math.fround;

/**
 * DPM-Solver++ for the reverse SDE in half log-SNR, single-step, as ComfyUI has it for rectified flows (eta = 1): a
 * model call at the start of the step and one in its middle. Rounded to float32 like the reference.
 */
export const dpmppSde: Solver = stepwise(
  () => async (step) => {
    const { x, denoised, sigma, next } = step;
    if (next === 0) return denoised;
    const start = round(halfLogSnr(sigma));
    const end = round(halfLogSnr(next));
    const halfway = round(start + round(end - start) / 2);
    const middle = round(sigmaAtHalfLogSnr(halfway));

    /** First-order SDE step from the start to `level`, at half log-SNR `time`, towards the clean latent `target`. */
    const advance = (level: number, time: number, target: Float32Array): Float32Array => {
      const alpha = 1 - level;
      const { down, noise } = renoiseExploding(round(Math.exp(-start)), round(Math.exp(-time)), 1);
      const stride = round(round(-Math.log(down)) - start);
      return combine(
        [(alpha / (1 - sigma)) * Math.exp(-stride), x],
        [-alpha * Math.expm1(-stride), target],
        [alpha * noise, step.drawNoise(sigma, level)],
      );
    };

    const atMiddle = await step.predict(advance(middle, halfway, denoised), middle);
    return advance(next, end, atMiddle.denoised);
  },
  startBelowPureNoise,
);
