/** Shifted noise levels of a rectified-flow model, as ComfyUI's `ModelSamplingDiscreteFlow` tabulates them. */

const round = Math.fround;

/** `shift * t / (1 + (shift - 1) * t)` in float32: the noise level at time `t` in [0, 1]. */
export function shiftTime(shift: number, t: number): number {
  if (shift === 1) return round(t);
  const numerator = round(round(shift) * round(t));
  return round(numerator / round(1 + round(round(shift - 1) * round(t))));
}

/** Noise level when the fraction `progress` of the sampling is done, in double precision as ComfyUI computes it. */
export function sigmaAtProgress(shift: number, progress: number): number {
  if (progress <= 0) return 1;
  if (progress >= 1) return 0;
  const t = 1 - progress;
  return (shift * t) / (1 + (shift - 1) * t);
}

export interface FlowTable {
  readonly shift: number;
  /** Ascending: sigma at times 1/1000 ... 1. */
  readonly sigmas: Float32Array;
}

export const TRAIN_TIMESTEPS = 1000;

export function flowTable(shift: number): FlowTable {
  const sigmas = Float32Array.from({ length: TRAIN_TIMESTEPS }, (_, i) => shiftTime(shift, (i + 1) / TRAIN_TIMESTEPS));
  return { shift, sigmas };
}
