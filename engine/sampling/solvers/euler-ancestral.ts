import { combine } from "../float32.ts";
import { renoise } from "./renoise.ts";
import { type Solver, stepwise } from "./solver.ts";

/** Euler to a noise level below the next, then fresh noise up to it, in the form for rectified flows. */
export const eulerAncestral: Solver = stepwise(() => (step) => {
  const { x, denoised, sigma, next } = step;
  if (next === 0) return denoised;
  const { down, keep, noise } = renoise(sigma, next);
  const ratio = down / sigma;
  return combine([keep * ratio, x], [keep * (1 - ratio), denoised], [noise, step.drawNoise()]);
});
