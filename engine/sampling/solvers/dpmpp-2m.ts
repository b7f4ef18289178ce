import { combine } from "../float32.ts";
import { type Departure, type Solver, stepwise } from "./solver.ts";

const time = (sigma: number) => -Math.log(sigma);

/** DPM-Solver++(2M) with `-log sigma` as time, as ComfyUI has it (diffusers: see `dpmpp-multistep.ts`). */
function secondOrderMultistep(departure: Departure): Solver {
  return stepwise(() => {
    let previous: Float32Array | null = null;
    return (step) => {
      const { x, denoised, sigma, next, index, sigmas } = step;
      const older = previous;
      const left = step[departure];
      previous = left;
      if (next === 0) return denoised;
      const keep = next / sigma;
      if (older === null) return combine([keep, x], [-keep, left], [1, denoised]);
      const stride = time(next) - time(sigma);
      const slope = (1 - keep) * (stride / (time(sigma) - time(sigmas[index - 1]!)) / 2);
      return combine([keep, x], [-keep, left], [1 + slope, denoised], [-slope, older]);
    };
  });
}

export const dpmpp2m: Solver = secondOrderMultistep("denoised");
export const dpmpp2mCfgPp: Solver = secondOrderMultistep("unguided");
