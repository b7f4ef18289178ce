/** DEIS in its "tab" form (arXiv 2204.13902): Adams-Bashforth in the time of a variance-preserving diffusion. */
import { combine, linspace32, type Term } from "../float32.ts";
import { lagrangeBasis } from "./adams.ts";
import { type Solver, stepwise } from "./solver.ts";

const MAX_ORDER = 3;
const INTEGRATION_POINTS = 10_000;

const round = Math.fround;

/**
 * The linear variance-preserving schedule whose noise goes from 0.002 (at t = 0.001) to 80 (at t = 1). Here and below
 * everything is rounded to float32 where the reference rounds: `log(0.002² + 1)` alone is off by a per cent there.
 */
const FIRST_TIME = 1e-3;
const logVariance = (sigma: number) => round(Math.log(round(round(round(sigma) ** 2) + 1)));
const BETA_SLOPE = round(round(2 * round(round(logVariance(0.002) / FIRST_TIME) - logVariance(80))) / (FIRST_TIME - 1));
const BETA_START = round(logVariance(80) - round(BETA_SLOPE / 2));
/** The reference's beta at t = 1, less the one at t = 0. */
const BETA_RANGE = round(round(BETA_SLOPE + BETA_START) - BETA_START);

function timeAt(sigma: number): number {
  const squared = round(round(BETA_START ** 2) + round(round(2 * BETA_SLOPE) * logVariance(sigma)));
  return round(round(round(Math.sqrt(squared)) - BETA_START) / BETA_SLOPE);
}

/** Change of the sample per unit of time and of velocity. */
function rate(time: number): number {
  const exponent = round(round(round(-0.5 * round(time ** 2)) * BETA_RANGE) - round(time * BETA_START));
  const alpha = round(Math.exp(exponent));
  const logAlphaSlope = -(time * BETA_RANGE + BETA_START);
  return (-0.5 * logAlphaSlope) / Math.sqrt(round(alpha * round(1 - alpha)));
}

/** Factors of the velocities at `nodes` (times, newest first) for the step from `nodes[0]` to `end`. */
function stepWeights(nodes: readonly number[], end: number): number[] {
  const start = nodes[0]!;
  const weights = nodes.map(() => 0);
  for (const time of linspace32(start, end, INTEGRATION_POINTS)) {
    const change = rate(time);
    for (let j = 0; j < nodes.length; j++) weights[j] = weights[j]! + change * lagrangeBasis(nodes, j, time);
  }
  // The reference sums all points with this width, one more than there are gaps between them.
  const width = (end - start) / INTEGRATION_POINTS;
  return weights.map((weight) => weight * width);
}

/** The first step and the last one, to sigma = 0, are Euler's. */
export const deis: Solver = stepwise(({ sigmas }) => {
  const times = Array.from(sigmas, timeAt);
  let history: Float32Array[] = [];
  return ({ x, velocity, sigma, next, index }) => {
    history = [velocity, ...history].slice(0, MAX_ORDER);
    if (next === 0 || history.length === 1) return combine([1, x], [next - sigma, velocity]);
    const nodes = history.map((_, k) => times[index - k]!);
    const weights = stepWeights(nodes, times[index + 1]!);
    return combine([1, x], ...weights.map((weight, k): Term => [weight, history[k]!]));
  };
});
