import { combine } from "../float32.ts";
import { halfLogSnr, sigmaAtHalfLogSnr, startBelowPureNoise } from "./half-log-snr.ts";
import { renoiseExploding } from "./renoise.ts";
import { type Solver, stepwise } from "./solver.ts";

/**
 * DPM-Solver++ for the reverse SDE in half log-SNR, single-step, as ComfyUI has it for rectified flows (eta = 1): a
 * model call at the start of the step and one in its middle.
 */
export const dpmppSde: Solver = stepwise(
  () => async (step) => {
    const { x, denoised, sigma, next } = step;
    if (next === 0) return denoised;
    const start = halfLogSnr(sigma);
    const middle = Math.fround(sigmaAtHalfLogSnr((start + halfLogSnr(next)) / 2));

    /** First-order SDE step from the start to `level`, towards the clean latent `target`. */
    const advance = (level: number, target: Float32Array): Float32Array => {
      const alpha = 1 - level;
      const { down, noise } = renoiseExploding(sigma / (1 - sigma), level / alpha, 1);
      const stride = -Math.log(down) - start;
      return combine(
        [(alpha / (1 - sigma)) * Math.exp(-stride), x],
        [-alpha * Math.expm1(-stride), target],
        [alpha * noise, step.drawNoise(sigma, level)],
      );
    };

    const atMiddle = await step.predict(advance(middle, denoised), middle);
    return advance(next, atMiddle.denoised);
  },
  startBelowPureNoise,
);
