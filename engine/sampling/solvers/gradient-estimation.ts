import { combine } from "../float32.ts";
import { type Solver, stepwise } from "./solver.ts";

const GAMMA = 2;

/** Euler with the velocity extrapolated from the step before (Permenter and Yuan, "Interpreting and improving diffusion"). */
export const gradientEstimation: Solver = stepwise(() => {
  let previous: Float32Array | null = null;
  return ({ x, velocity, denoised, sigma, next }) => {
    const stride = next - sigma;
    const older = previous;
    previous = velocity;
    if (next === 0) return denoised;
    if (older === null) return combine([1, x], [stride, velocity]);
    return combine([1, x], [stride * GAMMA, velocity], [-stride * (GAMMA - 1), older]);
  };
});
