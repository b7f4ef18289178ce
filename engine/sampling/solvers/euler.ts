import { combine } from "../float32.ts";
import { type Solver, stepwise } from "./solver.ts";

/** First order: follows the velocity. The same as diffusers' FlowMatch Euler, and as DDIM on a flow model. */
export const euler: Solver = stepwise(
  () =>
    ({ x, velocity, sigma, next }) =>
      combine([1, x], [next - sigma, velocity]),
);
