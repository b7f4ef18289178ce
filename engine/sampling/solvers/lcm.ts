import { combine } from "../float32.ts";
import { type Solver, stepwise } from "./solver.ts";

/**
 * Jumps to the predicted clean latent and adds fresh noise for the next level, for models distilled to few steps. The
 * same as diffusers' FlowMatch Euler with stochastic sampling.
 */
export const lcm: Solver = stepwise(() => ({ denoised, next, drawNoise }) => {
  if (next === 0) return denoised;
  return combine([1 - next, denoised], [next, drawNoise()]);
});
