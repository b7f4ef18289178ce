import * as ort from "onnxruntime-node";
import { CancelledError } from "../../../common/errors.ts";
import type { Feeds } from "../../runtime/session-pool.ts";
import { haloOf, type StripStage, type StripStorage } from "./graph.ts";
import { StripPlane } from "./strip-plane.ts";

/**
 * Convolutions over a large picture, each in strips of whole rows. Every norm has the statistics of the whole picture before
 * its first strip is computed, so there are no seams and nothing is computed twice; what is kept are two or three values of
 * the widest resolution, instead of the five and more that a graph of all convolutions keeps.
 */

/** Values of the widest input or output of a strip: bounds what a stage needs while it runs. */
export const STRIP_VALUES = 2 ** 21;
/** The least rows of a strip. Even, so that halves of strips are whole rows. */
const LEAST_ROWS = 4;

/** Mean and variance of groups of channels, `[1, groups, 1, 1]`. */
interface Statistics {
  readonly mean: ort.Tensor;
  readonly variance: ort.Tensor;
}

export interface StripRun {
  readonly stages: readonly StripStage[];
  readonly storage: StripStorage;
  /** The top continues at the bottom. */
  readonly continues: boolean;
  readonly signal: AbortSignal | undefined;
  /** {@link STRIP_VALUES} */
  readonly stripValues: number;
  run(stage: StripStage, feeds: Feeds): Promise<Feeds>;
}

/** What strips begin with: a picture, or a value and the statistics that its norm needs. */
export interface StripStart {
  readonly x: StripPlane;
  readonly statistics?: Statistics & Feeds;
}

/** Results of a graph that ends in `out` and its statistics. */
export function startFrom(results: Feeds, storage: StripStorage): StripStart {
  const [, channels, height, width] = results.out!.dims as [number, number, number, number];
  const x = new StripPlane({ channels, height, width }, height, storage);
  x.push(results.out!);
  const sums = new StatisticsSum();
  sums.add(results, 1);
  return { x, statistics: sums.statistics() };
}

/** @returns the last stage's output, in float32 where that is the picture */
export async function runInStrips(
  start: StripStart,
  { stages, storage, continues, signal, stripValues, run }: StripRun,
): Promise<StripPlane> {
  let { x, statistics } = start;
  let residual: StripPlane | undefined;
  for (const stage of stages) {
    const { kind, from, to } = stage;
    const scale = scaleOf(stage);
    const halo = haloOf(stage);
    const rows = rowsOfStrips(stage, x, stripValues);
    const isPicture = kind === "image";
    const isNormed = kind === "first" || kind === "second" || isPicture;
    const size = { channels: to, height: x.height * scale, width: x.width * scale };
    const out = new StripPlane(size, rows * scale, isPicture ? "float32" : storage);
    const shortcut = new StripPlane(size, rows, storage);
    const sums = new StatisticsSum();
    // The input of a resnet without shortcut is added to its output, so it is needed for another stage.
    const isKept = continues || (kind === "first" && from === to);
    for (let top = 0; top < x.height; top += rows) {
      if (signal?.aborted) throw new CancelledError();
      const bottom = Math.min(top + rows, x.height);
      const [first, last] = [top - halo.above, bottom + halo.below];
      const results = await run(stage, {
        x: x.rows(first, last, continues),
        ...(isNormed && { ...statistics, inside: insideRows(first, last, continues ? undefined : x.height) }),
        ...(kind === "second" && { residual: residual!.rows(top, bottom, false) }),
      });
      out.push(results.out!);
      if (!isPicture) sums.add(results, (bottom - top) / x.height);
      if (results.shortcut !== undefined) shortcut.push(results.shortcut);
      if (!isKept) x.dropBefore(bottom - halo.above);
      if (kind === "second") residual!.dropBefore(bottom);
    }
    if (kind === "first") residual = from === to ? x : shortcut;
    if (!isPicture) statistics = sums.statistics();
    x = out;
  }
  return x;
}

/** Rows of a stage's output for each of its input. */
const scaleOf = ({ kind }: StripStage): number => (kind === "upsample" ? 2 : kind === "downsample" ? 1 / 2 : 1);

/** Of its input; the last strip may have fewer. */
function rowsOfStrips(stage: StripStage, { height, width }: StripPlane, stripValues: number): number {
  const valuesOfRow = Math.max(stage.from, stage.to) * width * Math.max(1, scaleOf(stage) ** 2);
  const rows = Math.floor(stripValues / valuesOfRow);
  return Math.min(height, Math.max(LEAST_ROWS, rows - (rows % 2)));
}

/** 1 for rows of the picture, 0 for those beyond it: `[1, 1, rows, 1]`. */
function insideRows(from: number, to: number, height: number | undefined): ort.Tensor {
  const inside = Float32Array.from({ length: to - from }, (_, i) =>
    height === undefined || (from + i >= 0 && from + i < height) ? 1 : 0,
  );
  return new ort.Tensor("float32", inside, [1, 1, to - from, 1]);
}

/** Means and mean squares of strips, put together. */
class StatisticsSum {
  #mean = new Float64Array(0);
  #squares = new Float64Array(0);

  /** @param share of the rows */
  add(results: Feeds, share: number): void {
    const mean = results["mean of out"]!.data as Float32Array;
    const squares = results["squares of out"]!.data as Float32Array;
    if (this.#mean.length === 0) {
      this.#mean = new Float64Array(mean.length);
      this.#squares = new Float64Array(mean.length);
    }
    for (let i = 0; i < mean.length; i++) {
      this.#mean[i]! += share * mean[i]!;
      this.#squares[i]! += share * squares[i]!;
    }
  }

  statistics(): Statistics & Feeds {
    const shape = [1, this.#mean.length, 1, 1];
    const variance = Float32Array.from(this.#squares, (value, i) => Math.max(0, value - this.#mean[i]! ** 2));
    return {
      mean: new ort.Tensor("float32", Float32Array.from(this.#mean), shape),
      variance: new ort.Tensor("float32", variance, shape),
    };
  }
}
