import { combine } from "../float32.ts";
import { halfLogSnr, sigmaAtHalfLogSnr } from "./half-log-snr.ts";
import { renoise } from "./renoise.ts";
import { type Departure, type Solver, stepwise } from "./solver.ts";

/** The half log-SNR of sigma = 1 is infinite; the reference looks just below it instead. */
const MIDDLE_FROM_PURE_NOISE = 0.9999;

/** DPM-Solver++(2S) to a noise level below the next, then fresh noise up to it, in the form for rectified flows. */
function singleStepAncestral(departure: Departure): Solver {
  return stepwise(() => async (step) => {
    const { x, denoised, sigma, next } = step;
    if (next === 0) return denoised;
    const left = step[departure];
    const { down, keep, noise } = renoise(sigma, next);
    const middle = sigma >= 1 ? MIDDLE_FROM_PURE_NOISE : sigmaAtHalfLogSnr((halfLogSnr(sigma) + halfLogSnr(down)) / 2);
    const toMiddle = middle / sigma;
    const atMiddle = await step.predict(combine([toMiddle, x], [1 - toMiddle, left]), middle);
    const ratio = down / sigma;
    return combine(
      [keep * ratio, x],
      [keep * (1 - ratio), atMiddle[departure]],
      [noise, step.drawNoise()],
      // What CFG++ left out of the way comes in at the end.
      [1 - next, denoised],
      [-(1 - next), left],
    );
  });
}

export const dpmpp2sAncestral: Solver = singleStepAncestral("denoised");
export const dpmpp2sAncestralCfgPp: Solver = singleStepAncestral("unguided");
