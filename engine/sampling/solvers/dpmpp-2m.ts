import { combine } from "../float32.ts";
import { type Solver, stepwise } from "./solver.ts";

const time = (sigma: number) => -Math.log(sigma);

/** DPM-Solver++(2M) with `-log sigma` as time, as ComfyUI has it (diffusers: see `flow-multistep.ts`). */
export const dpmpp2m: Solver = stepwise(() => {
  let previous: Float32Array | null = null;
  return ({ x, denoised, sigma, next, index, sigmas }) => {
    const stride = time(next) - time(sigma);
    const towardsDenoised = -Math.expm1(-stride);
    const older = previous;
    previous = denoised;
    if (older === null || next === 0) return combine([next / sigma, x], [towardsDenoised, denoised]);
    const slope = stride / (time(sigma) - time(sigmas[index - 1]!)) / 2;
    return combine([next / sigma, x], [towardsDenoised * (1 + slope), denoised], [-towardsDenoised * slope, older]);
  };
});
