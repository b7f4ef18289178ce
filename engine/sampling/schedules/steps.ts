/** Which part of a table a run walks: denoise strength, image-to-image strength, start and end step. */
import { HeddleError } from "../../../common/errors.ts";
import type { SigmaTable } from "./flow-match.ts";

type Compute = (steps: number) => SigmaTable;

function sliceTable({ sigmas, timesteps }: SigmaTable, first: number, last = timesteps.length): SigmaTable {
  return { sigmas: sigmas.slice(first, last + 1), timesteps: timesteps.slice(first, last) };
}

const NO_STEPS: SigmaTable = { sigmas: new Float32Array(0), timesteps: new Float32Array(0) };

/** ComfyUI's denoise strength: of a table of `steps / denoise` steps, the last `steps` are run. */
export function denoiseSteps(compute: Compute, steps: number, denoise: number): SigmaTable {
  if (denoise > 0.9999) return compute(steps);
  if (denoise <= 0) return NO_STEPS;
  const table = compute(Math.trunc(steps / denoise));
  return sliceTable(table, Math.max(table.timesteps.length - steps, 0));
}

/** Asks for one step more and leaves out the last noise level before 0, as ComfyUI does for dpm_2 and uni_pc. */
export function withoutPenultimate(compute: Compute): Compute {
  return (steps) => {
    const { sigmas, timesteps } = compute(steps + 1);
    return {
      sigmas: Float32Array.from([...sigmas.subarray(0, -2), ...sigmas.subarray(-1)]),
      timesteps: timesteps.slice(0, -1),
    };
  };
}

export interface StepRange {
  /** First step to run, 0-based. */
  readonly start?: number | undefined;
  /** Step to stop before. */
  readonly end?: number | undefined;
  /** Goes to sigma = 0 in the last step that is run, instead of leaving the noise in for a later run. */
  readonly finish?: boolean | undefined;
}

/** Steps `start` to `end` of a table; none when nothing is left to run. */
export function sliceSteps(table: SigmaTable, { start = 0, end, finish = false }: StepRange): SigmaTable {
  const steps = table.timesteps.length;
  const last = Math.min(Math.max(end ?? steps, 0), steps);
  if (start >= last) return NO_STEPS;
  const chosen = sliceTable(table, Math.max(start, 0), last);
  if (finish) chosen.sigmas[chosen.sigmas.length - 1] = 0;
  return chosen;
}

/**
 * Image-to-image as in diffusers: the index of the first of `steps` steps that is run at `strength` (0 to 1). In double
 * precision as the reference, so 8 steps at 0.6 run 5.
 */
export function firstStepForStrength(steps: number, strength: number): number {
  return Math.trunc(Math.max(steps - Math.min(steps * strength, steps), 0));
}

/** The part of `table` that is run at `strength`. @throws HeddleError `strength-too-low` when no step is left. */
export function imageToImageSteps(table: SigmaTable, strength: number): SigmaTable {
  const steps = table.timesteps.length;
  const first = firstStepForStrength(steps, strength);
  if (first >= steps) {
    throw new HeddleError({
      code: "strength-too-low",
      message: `At strength ${strength} none of the ${steps} steps would run.`,
      help: "Raise the strength, or the number of steps.",
      field: "strength",
      details: { steps, strength },
    });
  }
  return sliceTable(table, first);
}
