/**
 * SEEDS (arXiv 2305.14267): exponential single-step solvers for the reverse SDE in half log-SNR, and their deterministic
 * relative, the exponential Heun method. As ComfyUI has them (eta = 1).
 */
import { combine, type Term } from "../float32.ts";
import { halfLogSnr, sigmaAtHalfLogSnr, startBelowPureNoise } from "./half-log-snr.ts";
import { type Solver, type StepContext, stepwise } from "./solver.ts";

/** h * phi_1(h) and h * phi_2(h). */
const phi1 = (h: number) => Math.expm1(h);
const phi2 = (h: number) => (Math.expm1(h) - h) / h;

/** Noise of one path, accumulated over the parts of a step: each part fades what came before. */
class NoisePath {
  #noise: Float32Array | null = null;
  #position = 0;

  /** Extends the path to `position` (the fraction of the step), where the path has the returned noise per unit of sigma. */
  extend(step: StepContext, position: number, stride: number, from: number, to: number): Float32Array {
    const part = (position - this.#position) * stride;
    const fresh: Term = [Math.sqrt(-Math.expm1(-2 * part)), step.drawNoise(from, to)];
    this.#noise = this.#noise === null ? combine(fresh) : combine([Math.exp(-part), this.#noise], fresh);
    this.#position = position;
    return this.#noise;
  }
}

interface Frame {
  readonly stride: number;
  /** Noise level at a fraction of the step. */
  level(position: number): number;
  /** The sample at a fraction of the step, without noise, when the clean latents enter with these weights. */
  advance(position: number, ...targets: readonly Term[]): Float32Array;
}

function frameOf({ x, sigma, next }: StepContext, eta: number): Frame {
  const start = halfLogSnr(sigma);
  const stride = halfLogSnr(next) - start;
  const level = (position: number) =>
    position === 1 ? next : Math.fround(sigmaAtHalfLogSnr(start + position * stride));
  return {
    stride,
    level,
    advance(position, ...targets) {
      const reached = level(position);
      const keep = (reached / sigma) * Math.exp(-position * stride * eta);
      return combine([keep, x], ...targets.map(([weight, target]): Term => [-(1 - reached) * weight, target]));
    },
  };
}

interface TwoStageOptions {
  /** Where in the step the second model call is. */
  readonly middle: number;
  readonly eta: 0 | 1;
  /** First-order weights of the averaged predictions, or second-order weights of each. */
  readonly weights: "phi1" | "phi2";
}

function twoStage({ middle, eta, weights }: TwoStageOptions): Solver {
  return stepwise(
    () => async (step) => {
      const { denoised, sigma, next } = step;
      if (next === 0) return denoised;
      const { stride, level, advance } = frameOf(step, eta);
      const reach = stride * (1 + eta);
      const noise = eta > 0 ? new NoisePath() : null;

      const middleLevel = level(middle);
      let inMiddle = advance(middle, [phi1(-middle * reach), denoised]);
      if (noise !== null) {
        inMiddle = combine([1, inMiddle], [middleLevel, noise.extend(step, middle, stride, sigma, middleLevel)]);
      }
      const second = await step.predict(inMiddle, middleLevel);

      const share = weights === "phi1" ? phi1(-reach) / (2 * middle) : phi2(-reach) / middle;
      const reached = advance(1, [phi1(-reach) - share, denoised], [share, second.denoised]);
      if (noise === null) return reached;
      // With the second call at the end of the step nothing is left to draw, but the reference draws all the same.
      return combine([1, reached], [next, noise.extend(step, 1, stride, middleLevel, next)]);
    },
    startBelowPureNoise,
  );
}

export const seeds2: Solver = twoStage({ middle: 0.5, eta: 1, weights: "phi1" });
export const expHeun2: Solver = twoStage({ middle: 1, eta: 0, weights: "phi2" });
export const expHeun2Sde: Solver = twoStage({ middle: 1, eta: 1, weights: "phi2" });

/** Three model calls a step: at its start, at a third and at two thirds. */
export const seeds3: Solver = stepwise(
  () => async (step) => {
    const { denoised, sigma, next } = step;
    if (next === 0) return denoised;
    const { stride, level, advance } = frameOf(step, 1);
    const reach = 2 * stride;
    const noise = new NoisePath();
    const [third, twoThirds] = [1 / 3, 2 / 3];
    const [levelAtThird, levelAtTwoThirds] = [level(third), level(twoThirds)];

    const atThird = combine(
      [1, advance(third, [phi1(-third * reach), denoised])],
      [levelAtThird, noise.extend(step, third, stride, sigma, levelAtThird)],
    );
    const second = await step.predict(atThird, levelAtThird);

    const secondShare = (twoThirds / third) * phi2(-twoThirds * reach);
    const atTwoThirds = combine(
      [1, advance(twoThirds, [phi1(-twoThirds * reach) - secondShare, denoised], [secondShare, second.denoised])],
      [levelAtTwoThirds, noise.extend(step, twoThirds, stride, levelAtThird, levelAtTwoThirds)],
    );
    const last = await step.predict(atTwoThirds, levelAtTwoThirds);

    const lastShare = phi2(-reach) / twoThirds;
    return combine(
      [1, advance(1, [phi1(-reach) - lastShare, denoised], [lastShare, last.denoised])],
      [next, noise.extend(step, 1, stride, levelAtTwoThirds, next)],
    );
  },
  startBelowPureNoise,
);
