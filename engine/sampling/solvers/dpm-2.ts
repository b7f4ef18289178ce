import { combine } from "../float32.ts";
import { renoise } from "./renoise.ts";
import { type Solver, stepwise } from "./solver.ts";

const geometricMean = (a: number, b: number) => Math.exp((Math.log(a) + Math.log(b)) / 2);

/** DPM-Solver-2: takes the velocity from the middle of the step, in log sigma. The last step is Euler's. */
export const dpm2: Solver = stepwise(() => async ({ x, velocity, sigma, next, predict }) => {
  if (next === 0) return combine([1, x], [-sigma, velocity]);
  const middle = geometricMean(sigma, next);
  const atMiddle = await predict(combine([1, x], [middle - sigma, velocity]), middle);
  return combine([1, x], [next - sigma, atMiddle.velocity]);
});

/** DPM-Solver-2 to a noise level below the next, then fresh noise up to it, in the form for rectified flows. */
export const dpm2Ancestral: Solver = stepwise(() => async (step) => {
  const { x, velocity, sigma, next } = step;
  if (next === 0) return combine([1, x], [-sigma, velocity]);
  const { down, keep, noise } = renoise(sigma, next);
  const middle = geometricMean(sigma, down);
  const atMiddle = await step.predict(combine([1, x], [middle - sigma, velocity]), middle);
  return combine([keep, x], [keep * (down - sigma), atMiddle.velocity], [noise, step.drawNoise()]);
});
