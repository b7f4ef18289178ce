import { combine } from "../float32.ts";
import { type Departure, type Solver, stepwise, velocityFromDenoised } from "./solver.ts";

const GAMMA = 2;

/** Euler with the velocity extrapolated from the step before (Permenter and Yuan, "Interpreting and improving diffusion"). */
function extrapolatingEuler(departure: Departure): Solver {
  return stepwise(() => {
    let previous: Float32Array | null = null;
    return (step) => {
      const { x, denoised, sigma, next } = step;
      if (next === 0) return denoised;
      const velocity = velocityFromDenoised(x, step[departure], sigma);
      const older = previous;
      previous = velocity;
      if (older === null) return combine([1, denoised], [next, velocity]);
      const extrapolation = (next - sigma) * (GAMMA - 1);
      return combine([1, denoised], [next + extrapolation, velocity], [-extrapolation, older]);
    };
  });
}

export const gradientEstimation: Solver = extrapolatingEuler("denoised");
export const gradientEstimationCfgPp: Solver = extrapolatingEuler("unguided");
