import type { LoraUpdates } from "../models/lora-feeds.ts";
import { PATCH } from "../models/z-image/config.ts";
import { type BlockRuns, StepCache } from "../models/z-image/step-cache.ts";
import { type ClosedAxes, type GridOffset, modulo, type SequenceShape } from "../models/z-image/tokens.ts";
import type {
  ForwardOptions,
  LatentSize,
  PreparedRun,
  TextFeatures,
  ZImageTransformer,
} from "../models/z-image/transformer.ts";
import type { SigmaTable } from "../sampling/schedules/flow-match.ts";
import type { Acceleration, DiffusionModel } from "../types.ts";
import {
  blended,
  closedAxes,
  isLateStep,
  placesOf,
  seamlessWindows,
  type WindowPlace,
  type Windows,
  windowOf,
} from "./seamless-windows.ts";
import { stepAt } from "./step-at.ts";

export interface StepTransformerOptions {
  readonly transformer: ZImageTransformer;
  readonly model: Pick<DiffusionModel, "acceleration" | "seamless">;
  readonly table: SigmaTable;
  readonly size: LatentSize;
  /** The texts that the runs were prepared for. */
  readonly texts: ReadonlyMap<PreparedRun, TextFeatures>;
  /** LoRAs as they count at a step; absent where they stay the same. */
  readonly updatesAt?: ((step: number) => Promise<LoraUpdates>) | undefined;
  readonly blockRuns: BlockRuns;
}

/** What is kept of one prompt from step to step. */
interface PromptState {
  readonly caches: Map<number, StepCache>;
  prepared?: { readonly updates: LoraUpdates; readonly size: LatentSize; readonly run: PreparedRun };
}

/**
 * The transformer as one picture sees it, where a step is more than one pass through all blocks: blocks left out (a cache for
 * every prompt and window), windows over the sides of a picture that continues, LoRAs whose weights change over the steps.
 */
export class StepTransformer {
  readonly #options: StepTransformerOptions;
  readonly #states = new Map<PreparedRun, PromptState>();

  constructor(options: StepTransformerOptions) {
    this.#options = options;
  }

  /** As {@link ZImageTransformer.forward}. */
  async forward(
    x: Float32Array,
    time: number,
    run: PreparedRun,
    { control, ...options }: ForwardOptions = {},
  ): Promise<Float32Array> {
    const { transformer, model, table, size, updatesAt } = this.#options;
    const step = stepAt(table, Math.fround(1 - time));
    const state = this.#stateOf(run);
    const updates = (await updatesAt?.(step)) ?? run.updates;
    const mayReuse = isWithin(model.acceleration?.range, step, table.timesteps.length);
    const windows = this.#windowsAt(step);
    if (windows === undefined) {
      const prepared = await this.#prepared(run, state, size, updates);
      const cache = this.#cacheOf(state, 0);
      return transformer.forward(x, time, prepared, { ...options, ...(control && { control }), ...cache, mayReuse });
    }
    const windowSize = { height: windows.rows.extent, width: windows.columns.extent };
    const prepared = await this.#prepared(run, state, windowSize, updates, closedAxes(windows));
    const parts: Float32Array[] = [];
    for (const [index, place] of placesOf(windows).entries()) {
      const part = windowOf({ values: x, ...size }, windows, place);
      const seen = control && windowControl(control, run.shape, prepared.shape, place);
      const prediction = await transformer.forward(part, time, prepared, {
        ...options,
        ...(seen && { control: seen }),
        ...this.#cacheOf(state, index),
        mayReuse,
        roll: rollOf(place, windows, size),
      });
      parts.push(prediction);
    }
    return blended(parts, windows, size);
  }

  #windowsAt(step: number): Windows | undefined {
    const { model, size, table } = this.#options;
    return model.seamless && seamlessWindows(size, model.seamless, isLateStep(step, table.timesteps.length));
  }

  #stateOf(run: PreparedRun): PromptState {
    const known = this.#states.get(run);
    if (known !== undefined) return known;
    const state = { caches: new Map<number, StepCache>() };
    this.#states.set(run, state);
    return state;
  }

  #cacheOf({ caches }: PromptState, window: number): Pick<ForwardOptions, "cache"> {
    const { acceleration } = this.#options.model;
    if (acceleration === undefined) return {};
    const cache = caches.get(window) ?? new StepCache(acceleration, this.#options.blockRuns);
    caches.set(window, cache);
    return { cache };
  }

  /** For another size, or other LoRAs, than the run was prepared for. */
  async #prepared(
    run: PreparedRun,
    state: PromptState,
    size: LatentSize,
    updates: LoraUpdates,
    closed?: ClosedAxes,
  ): Promise<PreparedRun> {
    const isSame = (a: LatentSize) => a.height === size.height && a.width === size.width;
    if (updates === run.updates && isSame(run.size)) return run;
    if (state.prepared?.updates === updates && isSame(state.prepared.size)) return state.prepared.run;
    const prepared = await this.#options.transformer.prepare(this.#options.texts.get(run)!, size, updates, closed);
    state.prepared = { updates, size, run: prepared };
    return prepared;
  }
}

function isWithin(range: Acceleration["range"], step: number, steps: number): boolean {
  if (range === undefined) return true;
  const at = range.unit === "steps" ? step : step / steps;
  return at >= range.start && at < range.end;
}

/** Along an axis that a window holds whole, where it begins only rolls what it holds; along others it shows another part. */
const rollOf = ({ top, left }: WindowPlace, { rows, columns }: Windows, size: LatentSize): GridOffset => ({
  rows: rows.extent === size.height ? -top / PATCH : 0,
  columns: columns.extent === size.width ? -left / PATCH : 0,
});

/** Residuals of a ControlNet that saw the whole picture, for the tokens of one window. */
function windowControl(
  control: ReadonlyMap<number, Float32Array>,
  whole: SequenceShape,
  part: SequenceShape,
  { top, left }: WindowPlace,
): Map<number, Float32Array> {
  const wholeTokens = whole.paddedImageTokens + whole.paddedCaptionTokens;
  const partTokens = part.paddedImageTokens + part.paddedCaptionTokens;
  return new Map(
    [...control].map(([layer, residual]) => {
      const width = residual.length / wholeTokens;
      const seen = new Float32Array(partTokens * width);
      const copy = (from: number, to: number, count = 1) =>
        seen.set(residual.subarray(from * width, (from + count) * width), to * width);
      for (let row = 0; row < part.rows; row++) {
        for (let column = 0; column < part.columns; column++) {
          const from =
            modulo(top / PATCH + row, whole.rows) * whole.columns + modulo(left / PATCH + column, whole.columns);
          copy(from, row * part.columns + column);
        }
      }
      copy(whole.paddedImageTokens, part.paddedImageTokens, part.paddedCaptionTokens);
      return [layer, seen];
    }),
  );
}
