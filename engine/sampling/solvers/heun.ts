import { addScaled, combine } from "../float32.ts";
import { type Solver, stepwise, velocityFromDenoised } from "./solver.ts";

/**
 * Second order: averages the velocities at both ends of the step; the last step is Euler's. The same as diffusers'
 * FlowMatch Heun over its own table. Rounds like the references throughout, see {@link velocityFromDenoised}.
 */
export const heun: Solver = stepwise(() => async ({ x, denoised, sigma, next, predict }) => {
  const stride = next - sigma;
  const velocity = velocityFromDenoised(x, denoised, sigma);
  const ahead = addScaled(x, stride, velocity);
  if (next === 0) return ahead;
  const end = await predict(ahead, next);
  const velocityAtEnd = velocityFromDenoised(ahead, end.denoised, next);
  const average = velocity.map((value, i) => Math.fround(value + velocityAtEnd[i]!) / 2);
  return addScaled(x, stride, average);
});

/**
 * Heun++: looks up to two noise levels ahead and weights the velocities by noise level; the last step but one is a
 * weighted Heun step, the last is Euler's.
 */
export const heunPlusPlus: Solver = stepwise(() => async ({ x, velocity, sigma, next, index, sigmas, predict }) => {
  const stride = next - sigma;
  const end = sigmas.at(-1)!;
  const ahead = combine([1, x], [stride, velocity]);
  if (next === end) return ahead;

  const first = sigmas[0]!;
  const second = await predict(ahead, next);
  const afterNext = sigmas[index + 2]!;
  if (afterNext === end) {
    const weight = next / (2 * first);
    return combine([1, x], [stride * (1 - weight), velocity], [stride * weight, second.velocity]);
  }

  const furtherAhead = combine([1, ahead], [afterNext - next, second.velocity]);
  const third = await predict(furtherAhead, afterNext);
  const weight2 = next / (3 * first);
  const weight3 = afterNext / (3 * first);
  return combine(
    [1, x],
    [stride * (1 - weight2 - weight3), velocity],
    [stride * weight2, second.velocity],
    [stride * weight3, third.velocity],
  );
});
