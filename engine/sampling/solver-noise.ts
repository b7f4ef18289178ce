import { brownianNoise } from "./brownian.ts";
import { ancestralNoise, type NoiseSource } from "./noise-source.ts";

export interface SolverNoiseRequest {
  /** The solver's entry in `names.ts`. */
  readonly solver: { readonly brownian: boolean };
  readonly seed: bigint;
  /** The noise levels of the run. */
  readonly sigmas: Float32Array;
  /** The place of the latent in a batch whose noise is drawn as one tensor. */
  readonly batch?: { readonly size: number; readonly item: number } | undefined;
}

/** The noise that ComfyUI gives to a solver, so that the same seed takes the same path. */
export function solverNoise({ solver, seed, sigmas, batch }: SolverNoiseRequest): NoiseSource {
  const source = solver.brownian ? brownianNoise(seed, sigmas) : ancestralNoise(seed);
  return batch === undefined || batch.size === 1 ? source : itemOf(source, batch);
}

/** The part of one item of noise that is drawn for the whole batch. */
function itemOf(source: NoiseSource, { size, item }: { size: number; item: number }): NoiseSource {
  return {
    draw(count, sigma, next) {
      return source.draw(count * size, sigma, next).slice(item * count, (item + 1) * count);
    },
  };
}
