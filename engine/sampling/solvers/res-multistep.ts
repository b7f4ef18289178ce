import { combine } from "../float32.ts";
import { renoiseExploding } from "./renoise.ts";
import { type Departure, type Solver, stepwise, velocityFromDenoised } from "./solver.ts";

const time = (sigma: number) => -Math.log(sigma);
const phi1 = (h: number) => Math.expm1(h) / h;
const phi2 = (h: number) => (phi1(h) - 1) / h;
const finite = (value: number) => (Number.isNaN(value) ? 0 : value);

/** Refined exponential solver, second-order multistep (arXiv 2308.02157), with `-log sigma` as time. */
function refinedMultistep(eta: 0 | 1, departure: Departure): Solver {
  return stepwise(() => {
    let previous: { left: Float32Array; down: number } | null = null;
    return (step) => {
      const { x, denoised, sigma, next, index, sigmas } = step;
      const left = step[departure];
      const { down, noise } = renoiseExploding(sigma, next, eta);
      const older = previous;
      previous = { left, down };

      let reached: Float32Array;
      if (down === 0 || older === null) {
        reached = combine([1, denoised], [down, velocityFromDenoised(x, left, sigma)]);
      } else {
        const stride = time(down) - time(sigma);
        const offset = (time(sigmas[index - 1]!) - time(older.down)) / stride;
        const weightOld = finite(phi2(-stride) / offset);
        const weight = finite(phi1(-stride) - phi2(-stride) / offset);
        const keep = Math.exp(-stride);
        reached = combine(
          [keep, x],
          [keep, denoised],
          [stride * weight - keep, left],
          [stride * weightOld, older.left],
        );
      }
      // The reference draws noise here even when its factor is 0, which only costs the generator's state.
      return next > 0 && noise > 0 ? combine([1, reached], [noise, step.drawNoise()]) : reached;
    };
  });
}

export const resMultistep: Solver = refinedMultistep(0, "denoised");
export const resMultistepAncestral: Solver = refinedMultistep(1, "denoised");
export const resMultistepCfgPp: Solver = refinedMultistep(0, "unguided");
export const resMultistepAncestralCfgPp: Solver = refinedMultistep(1, "unguided");
