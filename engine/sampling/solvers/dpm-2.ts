import { addScaled, combine } from "../float32.ts";
import { renoise } from "./renoise.ts";
import { type Solver, type StepContext, stepwise, velocityFromDenoised } from "./solver.ts";

const round = Math.fround;

/** Takes the velocity from the middle (in log sigma) of the way to noise level `down`. */
async function throughMiddle({ x, denoised, sigma, predict }: StepContext, down: number): Promise<Float32Array> {
  const [start, end] = [round(Math.log(sigma)), round(Math.log(down))];
  const middle = round(Math.exp(round(end - round(round(end - start) / 2))));
  const halfway = addScaled(x, middle - sigma, velocityFromDenoised(x, denoised, sigma));
  const atMiddle = await predict(halfway, middle);
  return addScaled(x, down - sigma, velocityFromDenoised(halfway, atMiddle.denoised, middle));
}

/** DPM-Solver-2. The last step is Euler's. Rounds like the reference, see {@link velocityFromDenoised}. */
export const dpm2: Solver = stepwise(() => async (step) => {
  const { denoised, next } = step;
  return next === 0 ? denoised : throughMiddle(step, next);
});

/** DPM-Solver-2 to a noise level below the next, then fresh noise up to it, in the form for rectified flows. */
export const dpm2Ancestral: Solver = stepwise(() => async (step) => {
  const { denoised, sigma, next } = step;
  if (next === 0) return denoised;
  const { down, keep, noise } = renoise(sigma, next);
  return combine([keep, await throughMiddle(step, down)], [noise, step.drawNoise()]);
});
