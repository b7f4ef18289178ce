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

/** For rectified flows, with eta = 1: goes down to `next²/sigma`, so that signal and noise still add up to 1 at `next`. */
export function renoise(sigma: number, next: number): Renoise {
  const down = next * (next / sigma);
  const keep = (1 - next) / (1 - down);
  return { down, keep, noise: Math.sqrt(next ** 2 - (down * keep) ** 2) };
}

/** The variance-exploding form (Karras et al. 2022): signal is kept as it is. `eta` 0 adds no noise. */
export function renoiseExploding(sigma: number, next: number, eta: number): { down: number; noise: number } {
  if (eta === 0) return { down: next, noise: 0 };
  const noise = Math.min(next, eta * Math.sqrt((next ** 2 * (sigma ** 2 - next ** 2)) / sigma ** 2));
  return { down: Math.sqrt(next ** 2 - noise ** 2), noise };
}
