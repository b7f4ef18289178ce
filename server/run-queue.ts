import { randomUUID } from "node:crypto";
import { HeddleError, toHeddleError } from "../common/errors.ts";
import type { WorkflowDocument } from "../graph/document.ts";
import type { RunEvent } from "../graph/events.ts";
import type { HostEvent } from "../protocol/contract.ts";

export interface RunRequest {
  document: WorkflowDocument;
  targets?: string[] | undefined;
}

/** What carries a run out. A promise that rejects means the run broke off without a `run-finished` event. */
export interface RunEngine {
  run(request: RunRequest & { runId: string }, onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<void>;
}

interface Entry extends RunRequest {
  runId: string;
  controller: AbortController;
}

const MOST_WAITING_RUNS = 1_000;

/** Runs one workflow after the other, first come first served. Every run that was accepted ends with a `run-finished` event. */
export class RunQueue {
  readonly #engine: RunEngine;
  readonly #publish: (event: HostEvent) => void;
  readonly #waiting: Entry[] = [];
  #running: Entry | undefined;

  constructor(engine: RunEngine, publish: (event: HostEvent) => void) {
    this.#engine = engine;
    this.#publish = publish;
  }

  start(request: RunRequest): { runId: string } {
    if (this.#waiting.length >= MOST_WAITING_RUNS) {
      throw new HeddleError({
        code: "queue-full",
        message: `${MOST_WAITING_RUNS} runs are waiting already.`,
        help: "Wait until some are done, or cancel some.",
      });
    }
    const entry: Entry = { ...request, runId: randomUUID(), controller: new AbortController() };
    this.#waiting.push(entry);
    this.#tell();
    this.#next();
    return { runId: entry.runId };
  }

  /** `false` when this run is neither running nor waiting (any more). */
  cancel(runId: string): boolean {
    if (this.#running?.runId === runId) {
      this.#running.controller.abort();
      return true;
    }
    const index = this.#waiting.findIndex((entry) => entry.runId === runId);
    if (index < 0) return false;
    this.#waiting.splice(index, 1);
    this.#publish({ type: "run", event: brokenOff(runId, 0) });
    this.#tell();
    return true;
  }

  /** Cancels everything. */
  close(): void {
    for (const { runId } of [...this.#waiting]) this.cancel(runId);
    this.#running?.controller.abort();
  }

  #next(): void {
    if (this.#running) return;
    const entry = this.#waiting.shift();
    if (!entry) return;
    this.#running = entry;
    this.#tell();
    void this.#run(entry).then(() => {
      this.#running = undefined;
      this.#tell();
      this.#next();
    });
  }

  async #run({ runId, document, targets, controller }: Entry): Promise<void> {
    const startedAt = performance.now();
    const unfinishedNodes = new Set<string>();
    const publish = (event: RunEvent) => {
      if (event.type === "node-started") unfinishedNodes.add(event.nodeId);
      if (event.type === "node-finished" || event.type === "node-failed") unfinishedNodes.delete(event.nodeId);
      this.#publish({ type: "run", event });
    };
    try {
      await this.#engine.run({ runId, document, targets }, publish, controller.signal);
    } catch (thrown) {
      const elapsedMs = performance.now() - startedAt;
      if (controller.signal.aborted) {
        publish(brokenOff(runId, elapsedMs));
        return;
      }
      const error = toHeddleError(thrown);
      for (const nodeId of unfinishedNodes)
        publish({ type: "node-failed", runId, nodeId, error: error.at(nodeId).toPayload() });
      publish(brokenOff(runId, elapsedMs, error));
    }
  }

  #tell(): void {
    const waiting = this.#waiting.map(({ runId }) => runId);
    this.#publish({ type: "queue", running: this.#running?.runId ?? null, waiting });
  }
}

/** The end of a run that could not tell its own: cancelled, or failed when there is an error. */
function brokenOff(runId: string, totalMs: number, error?: HeddleError): RunEvent {
  return {
    type: "run-finished",
    runId,
    status: error ? "failed" : "cancelled",
    images: [],
    timings: { loadMs: 0, encodeMs: 0, sampleMs: 0, decodeMs: 0, saveMs: 0, totalMs },
    cachedNodes: [],
    sessionsCreated: 0,
    error: error?.toPayload(),
  };
}
