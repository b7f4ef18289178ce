/** Classifier-free guidance as the reference pipelines of Z-Image compute it, on the predicted velocities. */
import { combine } from "./float32.ts";

/**
 * From the conventional CFG scale (1 = off), which people and public APIs use, to the `guidance` that the functions here
 * and the official code use: `pos + guidance (pos - neg)`. The only place where the two are converted.
 */
export function guidanceFromCfgScale(cfgScale: number): number {
  return cfgScale - 1;
}

export interface GuidanceOptions {
  /** 0 = off. */
  readonly guidance: number;
  /** Limits the guided norm to this multiple of the unguided one; 0 or absent = no limit. */
  readonly cfgNormalization?: number | undefined;
  /** Share of the sampling, `1 - sigma`, after which guidance is off; 1 or absent = never. */
  readonly cfgTruncation?: number | undefined;
}

/** Whether the negative prompt matters at this noise level; if not, its pass through the model can be saved. */
export function isGuided({ guidance, cfgTruncation = 1 }: GuidanceOptions, sigma: number): boolean {
  // The reference compares in float32, by way of timesteps.
  const timestep = Math.fround(1000 * sigma);
  const progress = Math.fround(Math.fround(1000 - timestep) / 1000);
  return guidance !== 0 && !(cfgTruncation <= 1 && progress > cfgTruncation);
}

/**
 * `positive + guidance (positive - negative)`, shrunk where the normalisation says so.
 * @param positive velocities of one or more samples, `sampleLength` values each; so is `negative`.
 */
export function applyGuidance(
  positive: Float32Array,
  negative: Float32Array,
  { guidance, cfgNormalization = 0 }: GuidanceOptions,
  sampleLength = positive.length,
): Float32Array {
  const guided = combine([1 + guidance, positive], [-guidance, negative]);
  if (cfgNormalization <= 0) return guided;
  for (let start = 0; start < guided.length; start += sampleLength) {
    const sample = guided.subarray(start, start + sampleLength);
    const limit = norm(positive.subarray(start, start + sampleLength)) * cfgNormalization;
    const size = norm(sample);
    if (size > limit) for (let i = 0; i < sample.length; i++) sample[i] = sample[i]! * (limit / size);
  }
  return guided;
}

function norm(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}
