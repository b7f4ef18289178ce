import { combine } from "../float32.ts";
import { renoiseExploding } from "./renoise.ts";
import { type Solver, stepwise } from "./solver.ts";

const time = (sigma: number) => -Math.log(sigma);
const phi1 = (h: number) => Math.expm1(h) / h;
const phi2 = (h: number) => (phi1(h) - 1) / h;
const finite = (value: number) => (Number.isNaN(value) ? 0 : value);

/** Refined exponential solver, second-order multistep (arXiv 2308.02157), with `-log sigma` as time. */
function refinedMultistep(eta: number): Solver {
  return stepwise(() => {
    let previous: { denoised: Float32Array; down: number } | null = null;
    return (step) => {
      const { x, velocity, denoised, sigma, next, index, sigmas } = step;
      const { down, noise } = renoiseExploding(sigma, next, eta);
      const older = previous;
      previous = { denoised, down };

      let reached: Float32Array;
      if (down === 0 || older === null) {
        reached = combine([1, x], [down - sigma, velocity]);
      } else {
        const stride = time(down) - time(sigma);
        const offset = (time(sigmas[index - 1]!) - time(older.down)) / stride;
        const weightOld = finite(phi2(-stride) / offset);
        const weight = finite(phi1(-stride) - phi2(-stride) / offset);
        reached = combine([Math.exp(-stride), x], [stride * weight, denoised], [stride * weightOld, older.denoised]);
      }
      // The reference draws noise here even when its factor is 0, which only costs the generator's state.
      return next > 0 && noise > 0 ? combine([1, reached], [noise, step.drawNoise()]) : reached;
    };
  });
}

export const resMultistep: Solver = refinedMultistep(0);
export const resMultistepAncestral: Solver = refinedMultistep(1);
