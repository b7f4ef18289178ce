import type { RgbImage } from "../../engine/types.ts";
import type { RunContext } from "../../graph/execution/runner.ts";
import type { NodeServices, PreviewEncoder } from "../services.ts";

const MIN_INTERVAL_MS = 100;

/**
 * Tells the steps of a sampler with small pictures. Steps are told at once; pictures are encoded beside the sampling, at
 * most one at a time and not too often, so that watching costs next to nothing.
 */
export class LivePreview {
  readonly #encoder: PreviewEncoder | undefined;
  readonly #progress: RunContext<NodeServices>["progress"];
  #latest = { value: 0, max: 0 };
  #isEncoding = false;
  #lastStartMs = Number.NEGATIVE_INFINITY;

  constructor(encoder: PreviewEncoder | undefined, progress: RunContext<NodeServices>["progress"]) {
    this.#encoder = encoder;
    this.#progress = progress;
  }

  show(step: number, steps: number, picture: RgbImage | undefined): void {
    this.#latest = { value: step, max: steps };
    this.#progress(this.#latest);
    if (!picture || !this.#encoder || this.#isEncoding) return;
    if (performance.now() - this.#lastStartMs < MIN_INTERVAL_MS) return;
    this.#lastStartMs = performance.now();
    this.#isEncoding = true;
    // A preview that cannot be made is no reason to stop drawing.
    this.#encoder
      .encode(picture)
      .then((preview) => this.#progress({ ...this.#latest, preview }))
      .catch(() => undefined)
      .finally(() => {
        this.#isEncoding = false;
      });
  }
}
