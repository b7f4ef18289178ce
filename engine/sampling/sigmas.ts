import { HeddleError } from "../../common/errors.ts";
import { findSchedule, findSolver } from "./names.ts";
import { effectiveShift, type Shift, type SigmaTable } from "./schedules/flow-match.ts";
import { denoiseSteps, type StepRange, sliceSteps, withoutPenultimate } from "./schedules/steps.ts";

const MAX_STEPS = 1000;
/** Above this, noise levels near pure noise are no longer told apart. */
const MAX_SHIFT = 1000;
/** A table of `steps / denoise` steps is computed for a denoise strength below 1. */
const MAX_TABLE_STEPS = 20_000;

export interface SigmaRequest extends StepRange {
  /** A name or alias of `names.ts`. */
  readonly schedule: string;
  /** Some solvers of ComfyUI change the table. */
  readonly solver: string;
  /** At least 1. */
  readonly steps: number;
  /** The model's sigma shift, or the size-dependent one. */
  readonly shift: number | Shift;
  /** ComfyUI's denoise strength; default 1, from pure noise. */
  readonly denoise?: number | undefined;
}

/**
 * The noise levels that a run walks down and what the network is told at each. Empty when there is nothing to run.
 * @throws HeddleError `unknown-solver`, `unknown-schedule`, `steps-out-of-range`, `shift-out-of-range`,
 * `denoise-out-of-range`.
 */
export function planSigmas(request: SigmaRequest): SigmaTable {
  const { steps, denoise = 1 } = request;
  const shift: Shift = typeof request.shift === "number" ? { kind: "static", shift: request.shift } : request.shift;
  if (!Number.isInteger(steps) || steps < 1 || steps > MAX_STEPS) {
    throw outOfRange("steps-out-of-range", steps, `a whole number from 1 to ${MAX_STEPS}`, { most: MAX_STEPS });
  }
  const factor = effectiveShift(shift);
  if (!(factor > 0 && factor <= MAX_SHIFT)) {
    throw outOfRange("shift-out-of-range", factor, `a number above 0, at most ${MAX_SHIFT}`, { most: MAX_SHIFT });
  }
  if (!(denoise >= 0 && denoise <= 1))
    throw outOfRange("denoise-out-of-range", denoise, "a number from 0 to 1", { most: 1 });
  if (denoise > 0 && steps / denoise > MAX_TABLE_STEPS) {
    const least = steps / MAX_TABLE_STEPS;
    throw outOfRange("denoise-out-of-range", denoise, `0, or a number from ${least} up`, {
      cause: "too-small",
      least,
      most: 1,
    });
  }

  const schedule = findSchedule(request.schedule);
  const solver = findSolver(request.solver);
  const compute = (count: number) => schedule.compute(count, shift);
  const table = denoiseSteps(solver.dropsPenultimateSigma ? withoutPenultimate(compute) : compute, steps, denoise);
  return withoutStandstill(sliceSteps(table, request));
}

/** Leaves out steps that end where they start, which tables finer than the model's thousand noise levels have. */
function withoutStandstill({ sigmas, timesteps }: SigmaTable): SigmaTable {
  const moves = (index: number) => sigmas[index] !== sigmas[index + 1];
  return { sigmas: sigmas.filter((_, i) => moves(i)), timesteps: timesteps.filter((_, i) => moves(i)) };
}

/** @param limits the numbers in `allowed` */
function outOfRange(
  code: `${"steps" | "shift" | "denoise"}-out-of-range`,
  value: number,
  allowed: string,
  limits: Readonly<Record<string, string | number>>,
): HeddleError {
  const field = code.replace("-out-of-range", "");
  return new HeddleError({
    code,
    message: `The value ${value} for ${field} cannot be used.`,
    help: `Use ${allowed}.`,
    field,
    details: { value, ...limits },
  });
}
