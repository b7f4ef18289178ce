/** Half the log of the signal-to-noise ratio of a rectified flow: `log((1 - sigma) / sigma)`, the time of many solvers. */
import { sigmaAtProgress } from "../schedules/flow-table.ts";
import type { SolverRequest } from "./solver.ts";

/** From +infinity (clean) to -infinity (pure noise, which the rounding of a shift may put a little above 1). */
export function halfLogSnr(sigma: number): number {
  return Math.log1p(-Math.min(sigma, 1)) - Math.log(sigma);
}

export function sigmaAtHalfLogSnr(value: number): number {
  return 1 / (1 + Math.exp(value));
}

/** Share of the sampling after which solvers in half log-SNR start, since pure noise is infinitely far away. */
const FIRST_PROGRESS = 1e-4;

/** Replaces a first noise level of 1 by the one right after it, as ComfyUI does for solvers in half log-SNR. */
export function startBelowPureNoise(request: SolverRequest): SolverRequest {
  const { sigmas, shift = 1 } = request;
  if (sigmas.length < 2 || sigmas[0]! < 1) return request;
  return startAt(request, sigmaAtProgress(shift, FIRST_PROGRESS));
}

/** The request with another first noise level, of which the network is told as well. */
export function startAt(request: SolverRequest, sigma: number): SolverRequest {
  const sigmas = Float32Array.from(request.sigmas);
  sigmas[0] = sigma;
  const timesteps = request.timesteps?.slice();
  if (timesteps !== undefined) timesteps[0] = Math.min(timesteps[0]!, 1000 * sigma);
  return { ...request, sigmas, timesteps };
}
