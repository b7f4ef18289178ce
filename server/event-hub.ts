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
    if (event.type === "node-warning" && this.#warningsOf(event.nodeId) >= WARNINGS_KEPT_PER_NODE) return;
    this.#events = withNewest(this.#events, numbered);
    if (event.type === "node-finished" || event.type === "node-failed") {
      this.#events = this.#events.filter((earlier) => progressOf(earlier)?.nodeId !== event.nodeId);
    }
  }

  #warningsOf(nodeId: string): number {
    return this.#events.filter(
      ({ event }) => event.type === "run" && event.event.type === "node-warning" && event.event.nodeId === nodeId,
    ).length;
  }
}

/** States that a newer one replaces, also before they were read. */
const isReplaced = (type: HostEvent["type"]) => type === "downloads" || type === "models-changed";

/** `events` and `newest` behind them; progress takes the place of earlier progress of its node, but keeps its picture. */
function withNewest(events: readonly NumberedHostEvent[], newest: NumberedHostEvent): NumberedHostEvent[] {
  const { type } = newest.event;
  if (isReplaced(type)) return [...events.filter(({ event }) => event.type !== type), newest];
  const progress = progressOf(newest);
  const index = progress ? events.findLastIndex((earlier) => isSameNode(progressOf(earlier), progress)) : -1;
  if (!progress || index < 0) return [...events, newest];
  const preview = progress.preview ?? progressOf(events[index]!)?.preview;
  const event: HostEvent = { type: "run", event: preview ? { ...progress, preview } : progress };
  return [...events.toSpliced(index, 1), { id: newest.id, event }];
}

/** One subscriber's unread events. Progress that was not read yet is replaced by newer progress: a slow window never lags. */
class Mailbox {
  #unread: NumberedHostEvent[];
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(unread: NumberedHostEvent[]) {
    this.#unread = unread;
  }

  push(numbered: NumberedHostEvent): void {
    this.#unread = withNewest(this.#unread, numbered);
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
  readonly #latest = new Map<HostEvent["type"], NumberedHostEvent>();
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
    const isOver = this.#run === undefined || this.#run.finished !== undefined;
    if (isOver && this.#run?.runId !== event.runId) this.#run = new RunHistory(event.runId);
    // Else it is a waiting run that was cancelled.
    if (this.#run?.runId !== event.runId) return;
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
