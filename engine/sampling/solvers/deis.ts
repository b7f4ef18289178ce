/** DEIS in its "tab" form (arXiv 2204.13902): Adams-Bashforth in the time of a variance-preserving diffusion. */
import { combine, type Term } from "../float32.ts";
import { lagrangeBasis } from "./adams.ts";
import { type Solver, stepwise } from "./solver.ts";

const MAX_ORDER = 3;
const INTEGRATION_POINTS = 10_000;

/** The linear variance-preserving schedule whose noise goes from 0.002 (at t = 0.001) to 80 (at t = 1). */
const FIRST_TIME = 1e-3;
const logVariance = (sigma: number) => Math.log(sigma ** 2 + 1);
const BETA_SLOPE = (2 * (logVariance(0.002) / FIRST_TIME - logVariance(80))) / (FIRST_TIME - 1);
const BETA_START = logVariance(80) - BETA_SLOPE / 2;

function timeAt(sigma: number): number {
  return (Math.sqrt(BETA_START ** 2 + 2 * BETA_SLOPE * logVariance(sigma)) - BETA_START) / BETA_SLOPE;
}

/** Change of the sample per unit of time and of velocity. */
function rate(time: number): number {
  const alpha = Math.exp(-0.5 * time ** 2 * BETA_SLOPE - time * BETA_START);
  return (0.5 * (time * BETA_SLOPE + BETA_START)) / Math.sqrt(alpha * (1 - alpha));
}

/** Factors of the velocities at `nodes` (times, newest first) for the step from `nodes[0]` to `end`. */
function stepWeights(nodes: readonly number[], end: number): number[] {
  const start = nodes[0]!;
  const spacing = (end - start) / (INTEGRATION_POINTS - 1);
  const weights = nodes.map(() => 0);
  for (let i = 0; i < INTEGRATION_POINTS; i++) {
    const time = start + spacing * i;
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
