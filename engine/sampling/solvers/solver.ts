/**
 * What every solver shares. A solver walks down a table of noise levels from pure noise (sigma = 1) to a clean latent
 * (sigma = 0) along `dx/dsigma = velocity`, where a rectified-flow network predicts `velocity = noise - clean`.
 */
import { CancelledError } from "../../../common/errors.ts";
import { addScaled } from "../float32.ts";
import type { NoiseSource } from "../noise-source.ts";

/** The velocity with guidance, and the one that the negative prompt alone predicts. */
interface GuidedVelocity {
  readonly guided: Float32Array;
  readonly negative: Float32Array;
}

/**
 * Predicts the velocity at `x`; where guidance is on and the solver uses CFG++, both of them. `timestep` is what the network is told, in [0, 1000]: 1000 sigma, except where
 * the solver's reference cuts off the fraction.
 */
export type VelocityModel = (
  x: Float32Array,
  sigma: number,
  timestep: number,
) => Promise<Float32Array | GuidedVelocity>;

export interface SolverStep {
  /** 0-based, of `steps`. */
  readonly index: number;
  readonly steps: number;
  readonly sigma: number;
  /** The sample at the start of the step, and the clean latent that the model predicts from it. */
  readonly x: Float32Array;
  readonly denoised: Float32Array;
}

export interface SolverRequest {
  readonly velocity: VelocityModel;
  /** The sample at `sigmas[0]`; not written to. */
  readonly x: Float32Array;
  /** [steps + 1], descending. */
  readonly sigmas: Float32Array;
  /** [steps]: what the network is told at `sigmas[i]`, where that is not 1000 sigma. */
  readonly timesteps?: Float32Array | undefined;
  readonly noise: NoiseSource;
  /** The model's sigma shift, for solvers that treat a part of its noise range apart. Default 1. */
  readonly shift?: number | undefined;
  readonly signal: AbortSignal;
  onStep?(step: SolverStep): void;
  /** Changes the sample that step `index` ended with, now at `sigmas[index + 1]`; inpainting puts back what it keeps. */
  afterStep?(x: Float32Array, index: number): Float32Array;
}

/** @throws CancelledError at the latest after the model call during which the signal is aborted. */
export type Solver = (request: SolverRequest) => Promise<Float32Array>;

interface Prediction {
  readonly velocity: Float32Array;
  readonly denoised: Float32Array;
  /** The clean latent that the negative prompt alone predicts; the guided one where the model gives no other. */
  readonly unguided: Float32Array;
}

/**
 * Which clean latent a solver moves away from when it leaves a noise level. CFG++ (arXiv 2406.08070) takes the unguided
 * one, so that guidance changes where the sample goes but not the noise in it.
 */
export type Departure = "denoised" | "unguided";

/** One step as a solver's own code sees it. */
export interface StepContext extends SolverStep, Prediction {
  readonly sigmas: Float32Array;
  readonly next: number;
  /** Another model call within the step, at a noise level that need not be in the table. */
  predict(x: Float32Array, sigma: number): Promise<Prediction>;
  /** Noise for the part of the step from `from` to `to`, which by default is all of it. */
  drawNoise(from?: number, to?: number): Float32Array;
}

/**
 * The velocity, recovered from the clean latent with the rounding that the references suffer at low noise levels: most
 * of them only pass clean latents on. Matters where it is followed over more than `sigma`.
 */
export function velocityFromDenoised(x: Float32Array, denoised: Float32Array, sigma: number): Float32Array {
  const sigma32 = Math.fround(sigma);
  return x.map((value, i) => Math.fround(value - denoised[i]!) / sigma32);
}

/** From the sample and the prediction at `sigma` to the sample at `next`. */
export type StepRule = (step: StepContext) => Float32Array | Promise<Float32Array>;

/** A solver out of its rule for one step. `begin` is called once per run, so that the rule can remember earlier steps. */
export function stepwise(
  begin: (request: SolverRequest) => StepRule,
  adjust?: (request: SolverRequest) => SolverRequest,
): Solver {
  return async (original) => {
    const request = adjust?.(original) ?? original;
    const { sigmas, signal, noise } = request;
    const steps = Math.max(sigmas.length - 1, 0);
    const rule = begin(request);
    let x = request.x;

    const predict = async (at: Float32Array, sigma: number, timestep = 1000 * sigma): Promise<Prediction> => {
      throwIfCancelled(signal);
      const predicted = await request.velocity(at, sigma, timestep);
      throwIfCancelled(signal);
      if (predicted instanceof Float32Array) {
        const denoised = addScaled(at, -sigma, predicted);
        return { velocity: predicted, denoised, unguided: denoised };
      }
      const { guided, negative } = predicted;
      return {
        velocity: guided,
        denoised: addScaled(at, -sigma, guided),
        unguided: addScaled(at, -sigma, negative),
      };
    };

    for (let index = 0; index < steps; index++) {
      const sigma = sigmas[index]!;
      const next = sigmas[index + 1]!;
      const start = x;
      const prediction = await predict(start, sigma, request.timesteps?.[index]);
      const step: SolverStep = { index, steps, sigma, x: start, denoised: prediction.denoised };
      request.onStep?.(step);
      x = await rule({
        ...step,
        ...prediction,
        sigmas,
        next,
        predict: (at, level) => predict(at, Math.fround(level)),
        drawNoise: (from = sigma, to = next) => noise.draw(start.length, from, to),
      });
      x = request.afterStep?.(x, index) ?? x;
    }
    return x;
  };
}

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new CancelledError();
}
