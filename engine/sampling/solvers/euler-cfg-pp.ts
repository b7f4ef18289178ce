import { combine } from "../float32.ts";
import { renoiseExploding } from "./renoise.ts";
import { type Solver, stepwise } from "./solver.ts";

/**
 * Euler (a DDIM step) with CFG++: the noise in the sample is what the unguided prediction leaves of it, the guided
 * prediction is where it goes. With `eta` 1 a part of that noise is replaced by fresh noise.
 */
function eulerStep(eta: 0 | 1): Solver {
  return stepwise(() => (step) => {
    const { x, denoised, unguided, sigma, next } = step;
    if (next === 0) return denoised;
    const alpha = 1 - next;
    const { down, noise } = renoiseExploding(sigma / (1 - Math.min(sigma, 1)), next / alpha, eta);
    const remaining = (alpha * down) / sigma;
    const reached = combine([alpha, denoised], [remaining, x], [-remaining * (1 - sigma), unguided]);
    return noise > 0 ? combine([1, reached], [alpha * noise, step.drawNoise()]) : reached;
  });
}

export const eulerCfgPp: Solver = eulerStep(0);
export const eulerAncestralCfgPp: Solver = eulerStep(1);
