/**
 * ComfyUI's sigma schedules (`comfy/samplers.py`, `comfy/k_diffusion/sampling.py`) over the shifted flow table. Each
 * returns descending float32 noise levels that end in 0; `beta` and `ddim_uniform` may return more or fewer than
 * `steps + 1` of them, as they do there.
 */
import { betaQuantile } from "../beta-distribution.ts";
import { linspace32 } from "../float32.ts";
import { type FlowTable, shiftTime } from "./flow-table.ts";

export type ComfySchedule = (table: FlowTable, steps: number) => Float32Array;

const round = Math.fround;
const KARRAS_RHO = 7;
const BETA_SHAPE = 0.6;
/** Where linear_quadratic goes over from its linear to its quadratic half. */
const LINEAR_QUADRATIC_THRESHOLD = 0.025;

const first = (values: Float32Array) => values[0]!;
const last = (values: Float32Array) => values.at(-1)!;

const simple: ComfySchedule = ({ sigmas }, steps) => {
  const stride = sigmas.length / steps;
  return Float32Array.from({ length: steps + 1 }, (_, i) =>
    i === steps ? 0 : sigmas[sigmas.length - 1 - Math.trunc(i * stride)]!,
  );
};

/** Times evenly spaced between the ends of the table, which is shifted already and here shifted once more. */
function spacedTimes({ sigmas, shift }: FlowTable, count: number, used: number): Float32Array {
  const times = linspace32(last(sigmas), first(sigmas), count).subarray(0, used);
  return Float32Array.from([...times.map((t) => shiftTime(shift, t)), 0]);
}

const normal: ComfySchedule = (table, steps) => {
  // A table that already ends in 0 gets no second 0.
  if (shiftTime(table.shift, first(table.sigmas)) <= 1e-5) {
    return spacedTimes(table, steps + 1, steps + 1).subarray(0, steps + 1);
  }
  return spacedTimes(table, steps, steps);
};

const sgmUniform: ComfySchedule = (table, steps) => spacedTimes(table, steps + 1, steps);

const ddimUniform: ComfySchedule = ({ sigmas }, steps) => {
  const start = 1;
  const startsAtZero = sigmas[start]! <= 1e-5;
  const stride = Math.max(Math.floor(sigmas.length / (startsAtZero ? steps + 1 : steps)), 1);
  const chosen = startsAtZero ? [] : [0];
  for (let i = start; i < sigmas.length; i += stride) chosen.push(sigmas[i]!);
  return Float32Array.from(chosen.reverse());
};

const beta: ComfySchedule = ({ sigmas }, steps) => {
  const chosen: number[] = [];
  let previous = -1;
  for (let i = 0; i < steps; i++) {
    const quantile = betaQuantile(1 - i / steps, BETA_SHAPE, BETA_SHAPE);
    const index = roundHalfEven(quantile * (sigmas.length - 1));
    if (index !== previous) chosen.push(sigmas[index]!);
    previous = index;
  }
  return Float32Array.from([...chosen, 0]);
};

const karras: ComfySchedule = ({ sigmas }, steps) => {
  const smallest = first(sigmas) ** (1 / KARRAS_RHO);
  const largest = last(sigmas) ** (1 / KARRAS_RHO);
  const ramp = linspace32(0, 1, steps);
  return withZero(ramp.map((r) => round(largest + round(r * (smallest - largest))) ** KARRAS_RHO));
};

const exponential: ComfySchedule = ({ sigmas }, steps) =>
  withZero(linspace32(Math.log(last(sigmas)), Math.log(first(sigmas)), steps).map(Math.exp));

const linearQuadratic: ComfySchedule = ({ sigmas }, steps) => {
  const largest = last(sigmas);
  if (steps === 1) return Float32Array.of(largest, 0);
  const linearSteps = Math.floor(steps / 2);
  const quadraticSteps = steps - linearSteps;
  const slope = LINEAR_QUADRATIC_THRESHOLD / linearSteps;
  const excess = linearSteps - LINEAR_QUADRATIC_THRESHOLD * steps;
  const quadratic = excess / (linearSteps * quadraticSteps ** 2);
  const linear = slope - (2 * excess) / quadraticSteps ** 2;
  const constant = quadratic * linearSteps ** 2;
  const progress = (i: number) => {
    if (i === steps) return 1;
    return i < linearSteps ? i * slope : quadratic * i ** 2 + linear * i + constant;
  };
  return Float32Array.from({ length: steps + 1 }, (_, i) => round(1 - progress(i)) * largest);
};

const klOptimal: ComfySchedule = ({ sigmas }, steps) => {
  const smallest = Math.atan(first(sigmas));
  const largest = Math.atan(last(sigmas));
  // The reference divides by steps - 1 and gives NaN for one step; one step is the largest noise level here.
  const position = (i: number) => (steps === 1 ? 0 : round(i / (steps - 1)));
  const chosen = Float32Array.from({ length: steps }, (_, i) =>
    Math.tan(round(round(position(i) * smallest) + round(round(1 - position(i)) * largest))),
  );
  return withZero(chosen);
};

export const comfySchedules = {
  simple,
  normal,
  sgm_uniform: sgmUniform,
  beta,
  karras,
  exponential,
  ddim_uniform: ddimUniform,
  linear_quadratic: linearQuadratic,
  kl_optimal: klOptimal,
} satisfies Record<string, ComfySchedule>;

function withZero(sigmas: Float32Array): Float32Array {
  return Float32Array.from([...sigmas, 0]);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
