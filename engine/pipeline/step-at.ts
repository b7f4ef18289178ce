import type { SigmaTable } from "../sampling/schedules/flow-match.ts";

/** Steps that are done at a noise level; between steps it is the step under way. */
export function stepAt({ sigmas, timesteps }: SigmaTable, sigma: number): number {
  let index = 0;
  while (index + 1 < timesteps.length && sigmas[index + 1]! >= sigma - 1e-6) index++;
  return index;
}
