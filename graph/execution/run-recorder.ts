import type { HeddleError } from "../../common/errors.ts";
import type { ImageReference, RunEvent, RunTimings } from "../events.ts";
import type { TimedPart } from "./runner.ts";

type RunFinished = Extract<RunEvent, { type: "run-finished" }>;
type NodeFinished = Extract<RunEvent, { type: "node-finished" }>;

/** Gathers what a run's last event tells: timings, pictures, which nodes came from the cache, the first failure. */
export class RunRecorder {
  readonly #startedAt = performance.now();
  readonly #timings: RunTimings = { loadMs: 0, encodeMs: 0, sampleMs: 0, decodeMs: 0, saveMs: 0, totalMs: 0 };
  readonly #images: ImageReference[] = [];
  readonly #cachedNodes: string[] = [];
  #failure: HeddleError | undefined;

  async timed<T>(part: TimedPart, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.#timings[part] += performance.now() - startedAt;
    }
  }

  nodeFinished({ nodeId, cached, images = [] }: NodeFinished): void {
    if (cached) this.#cachedNodes.push(nodeId);
    for (const image of images) {
      const known = this.#images.some(({ hash, path }) => hash === image.hash && path === image.path);
      if (!known) this.#images.push(image);
    }
  }

  nodeFailed(error: HeddleError): void {
    this.#failure ??= error;
  }

  finish(runId: string, cancelled: boolean, sessionsCreated: number): RunFinished {
    this.#timings.totalMs = performance.now() - this.#startedAt;
    return {
      type: "run-finished",
      runId,
      status: cancelled ? "cancelled" : this.#failure ? "failed" : "done",
      images: this.#images,
      timings: roundedToTenths(this.#timings),
      cachedNodes: this.#cachedNodes,
      sessionsCreated,
      ...(this.#failure && !cancelled ? { error: this.#failure.toPayload() } : {}),
    };
  }
}

function roundedToTenths(timings: RunTimings): RunTimings {
  const rounded = { ...timings };
  for (const part of Object.keys(rounded) as (keyof RunTimings)[]) rounded[part] = Math.round(rounded[part] * 10) / 10;
  return rounded;
}
