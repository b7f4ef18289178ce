import type { Acceleration } from "../../types.ts";

/** What each method decides by when nothing else is said: the block runs it saves most of are those in the middle. */
export interface BlockSplit {
  /** Main layers that always run, at the beginning and at the end. */
  readonly first: number;
  readonly last: number;
}

/** Share of the layers that the dual-block method runs first; Cache-DiT's 8 of 30. */
const DUAL_SHARE = 8 / 30;

/** How a model of so many main layers is cut for a method. At least one layer is left to leave out. */
export function blockSplit({ method, firstBlocks = 0, lastBlocks = 0 }: Acceleration, layers: number): BlockSplit {
  if (method === "tea") return { first: 0, last: 0 };
  if (method === "first-block") return { first: Math.min(1, layers - 1), last: 0 };
  const first = Math.min(firstBlocks || Math.max(1, Math.round(layers * DUAL_SHARE)), layers - 1);
  return { first, last: Math.min(lastBlocks, layers - 1 - first) };
}

/** Main layers that ran and that were left out, over all passes of a run of the sampler. */
export interface BlockRuns {
  run: number;
  skipped: number;
}

/**
 * Remembers, for one pass of guidance, what the middle layers of a transformer added to their tokens, and decides when
 * that may be added again instead of running them:
 *
 * - `first-block` (First Block Cache, ParaAttention) and `dual-block` (DBCache, Cache-DiT): while what the first layers add
 *   differs by less than the threshold (mean absolute difference, relative) from when the others last ran.
 * - `tea` (TeaCache, arXiv 2411.19108): while the changes of the first layer's modulated input, added up since the others
 *   last ran, stay below the threshold. TeaCache's polynomials are fitted to other models; here the change itself counts.
 */
export class StepCache {
  readonly settings: Acceleration;
  readonly runs: BlockRuns;
  #indicator: Float32Array | undefined;
  #residual: Float32Array | undefined;
  #distance = 0;
  #reused = 0;

  /** @param runs adds up what this cache and others saved */
  constructor(settings: Acceleration, runs: BlockRuns) {
    this.settings = settings;
    this.runs = runs;
  }

  /**
   * @param indicator what the method compares, the same values at every step
   * @param mayReuse false at steps outside of the range in which the person wants it
   * @returns what the middle layers added when they last ran, or `undefined` when they have to run now
   */
  reuse(indicator: Float32Array, mayReuse: boolean): Float32Array | undefined {
    const { method, threshold, maxConsecutive } = this.settings;
    const change =
      this.#indicator === undefined ? Number.POSITIVE_INFINITY : relativeChange(this.#indicator, indicator);
    const distance = method === "tea" ? this.#distance + change : change;
    if (mayReuse && this.#residual !== undefined && this.#reused < maxConsecutive && distance < threshold) {
      this.#reused++;
      this.#distance = distance;
      if (method === "tea") this.#indicator = indicator;
      return this.#residual;
    }
    this.#indicator = indicator;
    this.#distance = 0;
    this.#reused = 0;
    return undefined;
  }

  /** @param residual what the middle layers added, now that they ran */
  keep(residual: Float32Array): void {
    this.#residual = residual;
  }

  count(run: number, skipped: number): void {
    this.runs.run += run;
    this.runs.skipped += skipped;
  }
}

/** Mean absolute difference over mean absolute value of the first. */
function relativeChange(before: Float32Array, now: Float32Array): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < before.length; i++) {
    difference += Math.abs(now[i]! - before[i]!);
    size += Math.abs(before[i]!);
  }
  return size === 0 ? Number.POSITIVE_INFINITY : difference / size;
}
