import { randomUUID } from "node:crypto";
import type { RunEvent } from "../graph/events.ts";
import type { HostEvent } from "../protocol/contract.ts";
import type { NumberedHostEvent } from "./host-services.ts";

type NodeProgress = Extract<RunEvent, { type: "node-progress" }>;

const WARNINGS_KEPT_PER_NODE = 20;

/** What a late window must hear of one run: per node the newest of each kind of event, in order of arrival. */
class RunHistory {
  #events: NumberedHostEvent[] = [];
  readonly runId: string;
  finished: number | undefined;

  constructor(runId: string) {
    this.runId = runId;
  }

  get events(): readonly NumberedHostEvent[] {
    return this.#events;
  }

  add(numbered: NumberedHostEvent, event: RunEvent): void {
    const kept = this.#events.filter(({ event: earlier }) => earlier.type !== "run" || !replaces(event, earlier.event));
    if (event.type === "node-warning") {
      const warnings = kept.filter(
        ({ event: e }) => e.type === "run" && e.event.type === "node-warning" && e.event.nodeId === event.nodeId,
      );
      if (warnings.length >= WARNINGS_KEPT_PER_NODE) return;
    }
    this.#events = [...kept, numbered];
  }
}

/** Progress replaces earlier progress of its node; the end of a node replaces its progress. */
function replaces(later: RunEvent, earlier: RunEvent): boolean {
  if (earlier.type !== "node-progress" || !("nodeId" in later) || later.nodeId !== earlier.nodeId) return false;
  return later.type === "node-progress" || later.type === "node-finished" || later.type === "node-failed";
}

/** One subscriber's unread events. Progress that was not read yet is replaced by newer progress: a slow window never lags. */
class Mailbox {
  readonly #unread: NumberedHostEvent[];
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(unread: NumberedHostEvent[]) {
    this.#unread = unread;
  }

  push(numbered: NumberedHostEvent): void {
    const progress = progressOf(numbered);
    const stale = progress ? this.#unread.findLastIndex((earlier) => isSameNode(progressOf(earlier), progress)) : -1;
    if (stale >= 0) this.#unread.splice(stale, 1);
    this.#unread.push(numbered);
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async *read(): AsyncGenerator<NumberedHostEvent> {
    while (!this.#closed) {
      const next = this.#unread.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

function progressOf({ event }: NumberedHostEvent): NodeProgress | undefined {
  return event.type === "run" && event.event.type === "node-progress" ? event.event : undefined;
}

function isSameNode(a: NodeProgress | undefined, b: NodeProgress): boolean {
  return a !== undefined && a.runId === b.runId && a.nodeId === b.nodeId;
}

/**
 * Fans the host's events out to its windows. Remembers enough to bring a new window up to date: the engine's state, the
 * queue, and the run in progress. A window that comes back (it names the last event it saw) also hears how the latest run
 * ended, if it missed that.
 */
export class EventHub {
  readonly #epoch = randomUUID();
  readonly #mailboxes = new Set<Mailbox>();
  readonly #latest = new Map<"engine-state" | "queue", NumberedHostEvent>();
  #run: RunHistory | undefined;
  #sequence = 0;

  publish(event: HostEvent): void {
    const numbered = { id: `${this.#epoch}:${++this.#sequence}`, event };
    if (event.type === "run") this.#remember(numbered, event.event);
    else this.#latest.set(event.type, numbered);
    for (const mailbox of this.#mailboxes) mailbox.push(numbered);
  }

  async *subscribe(options: {
    lastEventId?: string | undefined;
    signal?: AbortSignal | undefined;
  }): AsyncGenerator<NumberedHostEvent> {
    if (options.signal?.aborted) return;
    const mailbox = new Mailbox(this.#snapshot(options.lastEventId));
    const close = () => mailbox.close();
    options.signal?.addEventListener("abort", close, { once: true });
    this.#mailboxes.add(mailbox);
    try {
      yield* mailbox.read();
    } finally {
      this.#mailboxes.delete(mailbox);
      options.signal?.removeEventListener("abort", close);
    }
  }

  /** Ends every subscription. */
  close(): void {
    for (const mailbox of this.#mailboxes) mailbox.close();
  }

  #remember(numbered: NumberedHostEvent, event: RunEvent): void {
    if (this.#run?.runId !== event.runId) this.#run = new RunHistory(event.runId);
    this.#run.add(numbered, event);
    if (event.type === "run-finished") this.#run.finished = this.#sequence;
  }

  #snapshot(lastEventId: string | undefined): NumberedHostEvent[] {
    const seen = lastEventId?.startsWith(`${this.#epoch}:`)
      ? Number(lastEventId.slice(this.#epoch.length + 1))
      : undefined;
    const run = this.#run;
    const missedItsEnd = run?.finished !== undefined && seen !== undefined && seen < run.finished;
    return [...this.#latest.values(), ...(run && (run.finished === undefined || missedItsEnd) ? run.events : [])];
  }
}
