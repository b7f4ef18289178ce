import { TorchGenerator } from "./noise.ts";

/** Where stochastic solvers get the noise they add, in the order in which they ask for it. */
export interface NoiseSource {
  /** Standard normal values for the step from noise level `sigma` to `next` (< sigma): Float32Array [count]. */
  draw(count: number, sigma: number, next: number): Float32Array;
}

/** Noise that continues `generator`, whatever the step, as diffusers draws it. */
function generatorNoise(generator: TorchGenerator): NoiseSource {
  return { draw: (count) => generator.randn(count) };
}

/**
 * The noise of ComfyUI's ancestral solvers for a run with this seed: a generator of its own with the next seed (on the
 * CPU), so that the first draw is not the noise that the run started from.
 */
export function ancestralNoise(seed: bigint): NoiseSource {
  return generatorNoise(new TorchGenerator(BigInt.asUintN(64, seed + 1n)));
}
