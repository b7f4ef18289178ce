import * as ort from "onnxruntime-node";
import { CancelledError } from "../../../common/errors.ts";
import type { Feeds } from "../../runtime/session-pool.ts";
import { HALO, type StripStage, type StripStorage } from "./graph.ts";
import { StripPlane } from "./strip-plane.ts";

/**
 * Decoding a large picture convolution by convolution, each in strips of whole rows. Every norm has the statistics of the
 * whole picture before its first strip is computed, so there are no seams and nothing is computed twice; what is kept are
 * two values of the widest resolution, instead of the five and more that a graph of all convolutions keeps.
 */

/** Values of the widest input or output of a strip: bounds what a stage needs while it runs. */
export const STRIP_VALUES = 2 ** 22;

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

/**
 * @param base results of the decoder's base: `out` and what its norm's statistics are put together from
 * @returns the last stage's `[channels, height, width]`
 */
export async function decodeInStrips(base: Feeds, { stages, storage, continues, signal, stripValues, run }: StripRun) {
  const [, channels, height, width] = base.out!.dims as [number, number, number, number];
  let x = new StripPlane({ channels, height, width }, height, storage);
  x.push(base.out!);
  const sums = new StatisticsSum();
  sums.add(base, 1);
  let statistics = sums.statistics();
  let residual: StripPlane | undefined;
  let picture = new Float32Array(0);
  for (const stage of stages) {
    const scale = stage.kind === "upsample" ? 2 : 1;
    const rows = rowsOfStrips(stage, x, { scale, stripValues });
    const size = { channels: stage.to, height: x.height * scale, width: x.width * scale };
    const out = new StripPlane(size, rows * scale, storage);
    const shortcut = new StripPlane(size, rows, storage);
    const stageSums = new StatisticsSum();
    // The input of a resnet without shortcut is added to its output, so it is needed for another stage.
    const isKept = continues || (stage.kind === "first" && stage.from === stage.to);
    if (stage.kind === "image") picture = new Float32Array(size.channels * size.height * size.width);
    for (let top = 0; top < x.height; top += rows) {
      if (signal?.aborted) throw new CancelledError();
      const bottom = Math.min(top + rows, x.height);
      const results = await run(stage, {
        x: x.rows(top - HALO, bottom + HALO, continues),
        ...(stage.kind !== "upsample" && {
          ...statistics,
          inside: insideRows(top - HALO, bottom + HALO, continues ? undefined : x.height),
        }),
        ...(stage.kind === "second" && { residual: residual!.rows(top, bottom, false) }),
      });
      if (stage.kind === "image") {
        place(picture, results.out!.data as Float32Array, { top, rows: bottom - top, ...size });
      } else {
        out.push(results.out!);
        stageSums.add(results, (bottom - top) / x.height);
      }
      if (results.shortcut !== undefined) shortcut.push(results.shortcut);
      if (!isKept) x.dropBefore(bottom - HALO);
      if (stage.kind === "second") residual!.dropBefore(bottom);
    }
    if (stage.kind === "first") residual = stage.from === stage.to ? x : shortcut;
    if (stage.kind === "image") break;
    statistics = stageSums.statistics();
    x = out;
  }
  return picture;
}

function rowsOfStrips(
  { from, to }: StripStage,
  { height, width }: StripPlane,
  { scale, stripValues }: { scale: number; stripValues: number },
): number {
  const valuesOfRow = Math.max(from, to) * width * scale * scale;
  return Math.min(height, Math.max(4, Math.floor(stripValues / valuesOfRow)));
}

/** 1 for rows of the picture, 0 for those beyond it: `[1, 1, rows, 1]`. */
function insideRows(from: number, to: number, height: number | undefined): ort.Tensor {
  const inside = Float32Array.from({ length: to - from }, (_, i) =>
    height === undefined || (from + i >= 0 && from + i < height) ? 1 : 0,
  );
  return new ort.Tensor("float32", inside, [1, 1, to - from, 1]);
}

function place(
  picture: Float32Array,
  strip: Float32Array,
  { top, rows, channels, height, width }: Record<"top" | "rows" | "channels" | "height" | "width", number>,
): void {
  for (let channel = 0; channel < channels; channel++) {
    const part = strip.subarray(channel * rows * width, (channel + 1) * rows * width);
    picture.set(part, (channel * height + top) * width);
  }
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
