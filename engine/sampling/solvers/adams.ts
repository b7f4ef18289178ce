/** Linear multistep solvers on the velocity (Adams-Bashforth and relatives). Their last step, to sigma = 0, is Euler's. */
import { combine, type Term } from "../float32.ts";
import { type Solver, type StepContext, stepwise } from "./solver.ts";

/** Factors of the velocities, newest first, for a step of the given order. */
type VelocityWeights = (step: StepContext, order: number) => readonly number[];

const MAX_ORDER = 4;

function adams(weights: VelocityWeights): Solver {
  return stepwise(() => {
    let history: Float32Array[] = [];
    return (step) => {
      history = [step.velocity, ...history].slice(0, MAX_ORDER);
      if (step.next === 0) return step.denoised;
      const factors = weights(step, history.length);
      return combine([1, step.x], ...factors.map((factor, i): Term => [factor, history[i]!]));
    };
  });
}

const EQUAL_STEPS = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]] as const;

/** iPNDM: treats all steps as equally long. */
export const ipndm: Solver = adams(({ sigma, next }, order) =>
  EQUAL_STEPS[order - 1]!.map((weight) => (next - sigma) * weight),
);

/** LMS: integrates the interpolated velocity over the actual noise levels. */
export const lms: Solver = adams(({ sigma, next, index, sigmas }, order) => {
  const nodes = Array.from({ length: order }, (_, k) => sigmas[index - k]!);
  return nodes.map((_, j) => integrateCubic((at) => lagrangeBasis(nodes, j, at), sigma, next));
});

/**
 * iPNDM with variable steps. Its higher-order coefficients are those of the published code, which are not quite the ones
 * that the interpolated velocity has (see `lms` for those).
 */
export const ipndmV: Solver = adams(({ sigma, next, index, sigmas }, order) => {
  const h = next - sigma;
  const [h1, h2, h3] = [0, 1, 2].map((k) => sigmas[index - k]! - sigmas[index - k - 1]!) as [number, number, number];
  const weights = [1, 0, 0, 0];
  if (order >= 2) {
    weights[0] = 1 + h / h1 / 2;
    weights[1] = -h / h1 / 2;
  }
  if (order >= 3) {
    const share = (1 - ((h / (3 * (h + h1))) * (h * (h + h1))) / (h1 * (h1 + h2))) / 2;
    weights[0]! += share;
    weights[1]! -= (1 + h1 / h2) * share;
    weights[2]! += (share * h1) / h2;
  }
  if (order >= 4) {
    const inner = (1 - h / (3 * (h + h1))) / 2 + ((1 - h / (2 * (h + h1))) * h) / (6 * (h + h1 + h2));
    const share = (inner * (h * (h + h1) * (h + h1 + h2))) / (h1 * (h1 + h2) * (h1 + h2 + h3));
    const far = (h1 * (h1 + h2)) / (h2 * (h2 + h3));
    weights[0]! += share;
    weights[1]! -= (1 + h1 / h2 + far) * share;
    weights[2]! += (h1 / h2 + far * (1 + h2 / h3)) * share;
    weights[3]! -= (share * far * h1) / h2;
  }
  return weights.slice(0, order).map((weight) => h * weight);
});

/** The polynomial that is 1 at `nodes[j]` and 0 at the other nodes. */
export function lagrangeBasis(nodes: readonly number[], j: number, at: number): number {
  return nodes.reduce((product, node, k) => (k === j ? product : (product * (at - node)) / (nodes[j]! - node)), 1);
}

/** Simpson's rule, exact for polynomials up to the third degree. */
function integrateCubic(f: (at: number) => number, from: number, to: number): number {
  return ((to - from) / 6) * (f(from) + 4 * f((from + to) / 2) + f(to));
}
