/**
 * How ancestral solvers split a step in two: down to a lower noise level along the flow, then up again with fresh noise.
 */

export interface Renoise {
  /** The noise level to integrate to. */
  readonly down: number;
  /** The sample at `down` times `keep`, plus fresh noise times `noise`, is a sample at `next`. */
  readonly keep: number;
  readonly noise: number;
}

const round = Math.fround;

/**
 * For rectified flows, with eta = 1: goes down to `next²/sigma`, so that signal and noise still add up to 1 at `next`.
 * Rounded to float32 like the reference.
 */
export function renoise(sigma: number, next: number): Renoise {
  const ratio = round(1 + round(round(next / sigma) - 1));
  const down = round(next * ratio);
  const [signal, signalDown] = [round(1 - next), round(1 - down)];
  const kept = round(round(round(down ** 2) * round(signal ** 2)) / round(signalDown ** 2));
  return { down, keep: round(signal / signalDown), noise: round(Math.sqrt(round(round(next ** 2) - kept))) };
}

/**
 * The variance-exploding form (Karras et al. 2022): signal is kept as it is. `eta` 0 adds no noise. Rounded to float32
 * like the reference, where `down` is a difference of nearly equal numbers if the step is long.
 */
export function renoiseExploding(sigma: number, next: number, eta: number): { down: number; noise: number } {
  if (eta === 0) return { down: next, noise: 0 };
  if (sigma === Number.POSITIVE_INFINITY) return { down: 0, noise: next };
  const variance = round(round(sigma) ** 2);
  const nextVariance = round(round(next) ** 2);
  const fresh = round(round(nextVariance * round(variance - nextVariance)) / variance);
  const noise = Math.min(next, eta * round(Math.sqrt(fresh)));
  return { down: round(Math.sqrt(round(nextVariance - round(noise ** 2)))), noise };
}
