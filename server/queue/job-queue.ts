import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { HeddleError, toHeddleError } from "../../common/errors.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { RunEvent } from "../../graph/events.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import type { HostEvent } from "../../protocol/contract.ts";
import {
  type Delivery,
  isFinished,
  type Job,
  type JobOutcome,
  JobPriority,
  type JobRequest,
  type LogLine,
} from "./job.ts";
import { logLineOf } from "./job-log.ts";
import type { JobStore, NewJob, WaitingJob } from "./job-store.ts";
import { nodeNames, unnamed } from "./node-names.ts";
import { RecentEvents } from "./recent-events.ts";

/** What carries a run out. A promise that rejects means the run broke off without a `run-finished` event. */
export interface RunEngine {
  run(
    request: { runId: string; document: WorkflowDocument; targets?: string[] | undefined },
    onEvent: (event: RunEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
}

export interface JobQueueOptions {
  /** How many jobs may wait. */
  limit?: number;
  /** How long finished jobs are remembered, in ms. */
  keepFinishedMs?: number;
  /**
   * Resolves when no requests wait to be answered, or after this many ms: then the next job starts, and what was submitted
   * is written down. The next turn of the event loop when absent.
   */
  whenQuiet?(atMostMs: number): Promise<void>;
}

interface Arrival {
  job: NewJob;
  kept: PromiseWithResolvers<void>;
}

interface Running {
  id: string;
  isWindows: boolean;
  controller: AbortController;
  timedOut: boolean;
  /** The engine has said something about it. */
  hasBegun: boolean;
  /** What nodes wrote, by node. */
  texts: Record<string, string>;
}

const MOST_WAITING = 1_000;
const KEEP_FINISHED_MS = 24 * 3_600_000;
const FORGET_EVERY_MS = 600_000;
/** What the last such moment logged may be lost with the host. */
const FLUSH_EVERY_MS = 500;
/** A job under which the engine ended this often would end it again. */
const MOST_CRASHES = 3;
/** An engine that ended this often without saying a word will not start at all. */
const MOST_FAILED_STARTS = 8;
const MOST_LOG_LINES = 1_000;
/** How long requests that keep coming may keep the next job waiting. */
const LONGEST_PAUSE_MS = 50;
/** How long a submitted job waits for others with which it is written down. */
const TOGETHER_WITHIN_MS = 4;
/** How often windows are told of a queue that changes all the time. */
const TELL_EVERY_MS = 50;

/**
 * Runs one job after the other: the one of the highest priority, among equals the one that came first. Every job that was
 * accepted ends with a `run-finished` event; jobs of programs do so even if the engine or the host ends in between.
 */
export class JobQueue {
  readonly #engine: RunEngine;
  readonly #store: JobStore;
  readonly #publish: (event: HostEvent) => void;
  readonly #limit: number;
  readonly #keepFinishedMs: number;
  readonly #whenQuiet: (atMostMs: number) => Promise<void>;
  /** In the order in which they will run. */
  readonly #waiting: WaitingJob[] = [];
  /** Submitted, and not yet written down. */
  readonly #arriving: Arrival[] = [];
  readonly #recentEvents = new RecentEvents();
  readonly #changes = new EventEmitter<Record<string, [RunEvent | undefined]>>().setMaxListeners(0);
  readonly #forgetTimer: NodeJS.Timeout;
  readonly #flushTimer: NodeJS.Timeout;
  /** Ends that could not be written down, such as on a full disk. */
  readonly #unkept = new Map<string, Pick<Job, "state" | "outcome">>();
  readonly #lateTimers = new Map<string, NodeJS.Timeout>();
  #running: Running | undefined;
  /** A job has ended, and the next one starts when it is quiet. */
  #isPausing = false;
  #idle: PromiseWithResolvers<void> | undefined;
  #failedStarts = 0;
  #isClosing = false;
  #tellTimer: NodeJS.Timeout | undefined;
  #hasNews = false;

  constructor(
    engine: RunEngine,
    store: JobStore,
    publish: (event: HostEvent) => void,
    { limit = MOST_WAITING, keepFinishedMs = KEEP_FINISHED_MS, whenQuiet = () => nextTurn() }: JobQueueOptions = {},
  ) {
    this.#engine = engine;
    this.#store = store;
    this.#publish = publish;
    this.#limit = limit;
    this.#keepFinishedMs = keepFinishedMs;
    this.#whenQuiet = whenQuiet;
    this.#forget();
    this.#forgetTimer = setInterval(() => this.#forget(), FORGET_EVERY_MS).unref();
    this.#flushTimer = setInterval(() => this.#flush(), FLUSH_EVERY_MS).unref();
    for (const waiting of store.recover()) this.#enqueue(waiting);
    // Whoever made the queue should have the chance to watch it first.
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }

  /** @throws HeddleError `queue-full`, `shutting-down` */
  start(request: JobRequest): { runId: string } {
    this.#makeSure();
    this.#takeArrivals();
    const job = newJob(request);
    const [waiting] = this.#store.add([job]);
    this.#enqueue(waiting!);
    this.#next();
    if (this.#running?.id !== job.id) this.#tell();
    return { runId: job.id };
  }

  /**
   * Like {@link start}, for programs, of which hundreds may come at once: what they submit in the same few milliseconds is
   * written down together. Resolves when it is, and the job will not be lost.
   * @throws HeddleError `queue-full`, `shutting-down`
   */
  async submit(request: JobRequest): Promise<{ runId: string }> {
    this.#makeSure();
    const arrival: Arrival = { job: newJob(request), kept: Promise.withResolvers() };
    if (this.#arriving.push(arrival) === 1) void this.#whenQuiet(TOGETHER_WITHIN_MS).then(() => this.#takeArrivals());
    await arrival.kept.promise;
    return { runId: arrival.job.id };
  }

  /** `false` when this run is neither running nor waiting (any more). */
  cancel(runId: string): boolean {
    if (this.#running?.id === runId) {
      this.#running.controller.abort();
      return true;
    }
    if (!this.#dequeue(runId)) return false;
    this.#finish(brokenOff(runId, 0));
    this.#tell();
    return true;
  }

  /** Puts a waiting job at a place in the queue, 0 being the next; it takes its neighbour's priority. `false` when it does not wait. */
  move(id: string, index: number): boolean {
    const from = this.#waiting.findIndex((waiting) => waiting.id === id);
    const entry = this.#waiting[from];
    if (!entry) return false;
    const others = this.#waiting.toSpliced(from, 1);
    const to = Math.min(index, others.length);
    const { priority } = others[to - 1] ?? others[to] ?? entry;
    this.#arrange(entry, others.toSpliced(to, 0, entry), priority);
    return true;
  }

  /** Puts a waiting job behind the last one of this priority. `false` when it does not wait. */
  prioritise(id: string, priority: number): boolean {
    const entry = this.#waiting.find((waiting) => waiting.id === id);
    if (!entry) return false;
    this.#arrange(entry, [...this.#waiting.filter((other) => other !== entry), entry], priority);
    return true;
  }

  /** Cancels what windows have waiting. Returns how many jobs that were. */
  clear(): number {
    const own = this.#store.unfinished().filter(({ origin, state }) => origin === "studio" && state === "waiting");
    return own.filter(({ id }) => this.cancel(id)).length;
  }

  /** What runs, what waits in the order in which it will run, and the last `finished` jobs that ended, the latest first. */
  list(finished: number): Job[] {
    const unfinished = new Map(this.#store.unfinished().map((job) => [job.id, job]));
    const ids = [...(this.#running ? [this.#running.id] : []), ...this.#waiting.map(({ id }) => id)];
    return [...ids.flatMap((id) => unfinished.get(id) ?? []), ...this.#store.finished(finished)];
  }

  find(id: string): Job | undefined {
    const job = this.#store.find(id);
    const unkept = this.#unkept.get(id);
    return job && unkept ? { ...job, ...unkept } : job;
  }

  /** The jobs of one order, in order of arrival. */
  ofGroup(group: string): Job[] {
    return this.#store.ofGroup(group);
  }

  log(id: string): LogLine[] {
    return this.#store.log(id);
  }

  /** How many jobs go before this one; `undefined` when it does not wait. */
  position(id: string): number | undefined {
    // Most ask right after they came, which is last.
    const index = this.#waiting.findLastIndex((waiting) => waiting.id === id);
    return index < 0 ? undefined : index;
  }

  get load(): { waiting: number; running: number; limit: number } {
    return { waiting: this.#waiting.length, running: this.#running ? 1 : 0, limit: this.#limit };
  }

  counts(): ReturnType<JobStore["counts"]> {
    return this.#store.counts();
  }

  /** What jobs of programs have told lately, without their progress. */
  get told(): Pick<RecentEvents, "since" | "lastId"> {
    return this.#recentEvents;
  }

  /** Calls `listener` with every event of the job, and without one when its state changed. */
  watch(id: string, listener: (event: RunEvent | undefined) => void): () => void {
    this.#changes.on(id, listener);
    return () => void this.#changes.off(id, listener);
  }

  /** What is to be told now about jobs that ended. */
  dueDeliveries(limit: number): Delivery[] {
    return this.#isClosing ? [] : this.#store.dueDeliveries(Date.now(), limit);
  }

  /** Says that a delivery was tried, and writes how it went into the job's log. */
  tried({ id, jobId }: Delivery, line: Omit<LogLine, "time">, nextAt?: number): void {
    if (this.#isClosing) return;
    this.#store.tried(id, nextAt);
    this.#store.addLogLine(jobId, { time: Date.now(), ...line });
  }

  /** Resolves with the job when it is finished; rejects with the signal's reason. */
  async finished(id: string, signal?: AbortSignal): Promise<Job> {
    const done = Promise.withResolvers<void>();
    const check = () => {
      const job = this.find(id);
      if (!job || isFinished(job)) done.resolve();
    };
    const abort = () => done.reject(signal?.reason);
    const stop = this.watch(id, (event) => event === undefined && check());
    signal?.addEventListener("abort", abort, { once: true });
    try {
      if (signal?.aborted) abort();
      check();
      await done.promise;
    } finally {
      stop();
      signal?.removeEventListener("abort", abort);
    }
    const job = this.find(id);
    if (!job)
      throw new HeddleError({
        code: "job-not-found",
        message: `There is no job ${id}.`,
        help: "Start it again.",
        details: { id },
      });
    return job;
  }

  /** Cancels what windows asked for; what programs asked for waits for the next start. Resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#takeArrivals();
    this.#isClosing = true;
    clearInterval(this.#forgetTimer);
    clearInterval(this.#flushTimer);
    for (const timer of this.#lateTimers.values()) clearTimeout(timer);
    for (const { id } of [...this.#waiting]) if (this.#store.find(id)?.origin === "studio") this.cancel(id);
    if (this.#running) {
      this.#idle = Promise.withResolvers();
      this.#running.controller.abort();
      await this.#idle.promise;
    }
    clearTimeout(this.#tellTimer);
    this.#store.close();
  }

  #makeSure(): void {
    if (this.#isClosing) throw shuttingDown();
    if (this.#waiting.length + this.#arriving.length >= this.#limit) throw full(this.#limit);
  }

  #takeArrivals(): void {
    const arrivals = this.#arriving.splice(0);
    if (arrivals.length === 0) return;
    try {
      for (const waiting of this.#store.add(arrivals.map(({ job }) => job))) this.#enqueue(waiting);
    } catch (error) {
      for (const { kept } of arrivals) kept.reject(error);
      return;
    }
    for (const { kept } of arrivals) kept.resolve();
    this.#next();
    this.#tell();
  }

  #next(): void {
    if (this.#running || this.#isPausing || this.#isClosing) return;
    const entry = this.#waiting[0];
    if (!entry) return;
    this.#dequeue(entry.id);
    const running: Running = {
      id: entry.id,
      isWindows: false,
      controller: new AbortController(),
      timedOut: false,
      hasBegun: false,
      texts: {},
    };
    this.#running = running;
    this.#tell();
    void this.#run(running).then(() => {
      this.#running = undefined;
      if (this.#idle) return this.#idle.resolve();
      this.#tell();
      // Requests that have come meanwhile are answered first: a queue of short jobs must not keep callers waiting.
      this.#isPausing = true;
      void this.#whenQuiet(LONGEST_PAUSE_MS).then(() => {
        this.#isPausing = false;
        this.#next();
      });
    });
  }

  async #run(running: Running): Promise<void> {
    const { id, controller } = running;
    const startedAt = performance.now();
    const unfinishedNodes = new Set<string>();
    let logLines = 0;
    let lastMessage: string | undefined;
    let nameOf = unnamed;
    const hear = (event: RunEvent) => {
      running.hasBegun = true;
      if (event.type === "node-started") unfinishedNodes.add(event.nodeId);
      if (event.type === "node-finished" || event.type === "node-failed") unfinishedNodes.delete(event.nodeId);
      const text = event.type === "node-finished" ? event.info?.text : undefined;
      if (event.type === "node-finished" && typeof text === "string") running.texts[event.nodeId] = text;
      const line = logLines < MOST_LOG_LINES ? logLineOf(event, Date.now(), nameOf) : undefined;
      // A step may be told again with a preview.
      if (line && line.message !== lastMessage) {
        lastMessage = line.message;
        logLines += 1;
        this.#store.addLogLine(id, line);
      }
      if (event.type === "run-finished") this.#finish(this.#explained(event, running));
      else this.#spread(id, event, running.isWindows);
    };
    let timer: NodeJS.Timeout | undefined;
    try {
      const { timeoutMs, origin, ...request } = this.#store.begin(id, Date.now());
      running.isWindows = origin === "studio";
      nameOf = nodeNames(request.document, findDefinition);
      this.#changes.emit(id, undefined);
      if (timeoutMs !== undefined) {
        timer = setTimeout(() => {
          running.timedOut = true;
          controller.abort();
        }, timeoutMs);
      }
      await this.#engine.run({ runId: id, ...request }, hear, controller.signal);
    } catch (thrown) {
      if (this.#canGoOnLater(running, thrown)) return;
      const elapsedMs = performance.now() - startedAt;
      if (controller.signal.aborted) return hear(brokenOff(id, elapsedMs));
      const error = toHeddleError(thrown);
      for (const nodeId of unfinishedNodes)
        hear({ type: "node-failed", runId: id, nodeId, error: error.at(nodeId).toPayload() });
      hear(brokenOff(id, elapsedMs, error));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whether a broken job of a program was put back into the queue: its engine ended, or the host does. */
  #canGoOnLater({ id, isWindows, timedOut, hasBegun, controller }: Running, thrown: unknown): boolean {
    if (hasBegun) this.#failedStarts = 0;
    if (isWindows || timedOut) return false;
    const engineEnded = thrown instanceof HeddleError && engineEnds.has(thrown.code);
    const crashed = !controller.signal.aborted && engineEnded;
    if (!crashed && !this.#isClosing) return false;
    // Of an engine that ended before it said a word, the job is no cause.
    if (crashed && !hasBegun) this.#failedStarts += 1;
    const { waiting, crashes } = this.#store.putBack(id, { crashed: crashed && hasBegun });
    if (crashes >= MOST_CRASHES || this.#failedStarts >= MOST_FAILED_STARTS) return false;
    if (crashed)
      this.#store.addLogLine(id, {
        time: Date.now(),
        level: "warn",
        message: `${thrown.message} Waiting to start again.`,
        fact: { code: "waits-again", error: thrown.toPayload() },
      });
    if (!this.#isClosing) this.#enqueue(waiting);
    this.#changes.emit(id, undefined);
    return true;
  }

  /** An engine that ran out of time only knows that it was cancelled. */
  #explained(
    event: Extract<RunEvent, { type: "run-finished" }>,
    { timedOut }: Running,
  ): Extract<RunEvent, { type: "run-finished" }> {
    return timedOut && event.status === "cancelled"
      ? { ...event, status: "failed", error: tooLong().toPayload() }
      : event;
  }

  #finish(event: Extract<RunEvent, { type: "run-finished" }>): void {
    const { runId, status, images, timings, error } = event;
    // An engine may finish its run in the moment in which the host closes: that is the end of it.
    const isWindows = this.#store.find(runId)?.origin === "studio";
    if (status === "cancelled" && this.#isClosing && !isWindows) {
      this.#store.putBack(runId, { crashed: false });
      return;
    }
    const texts = this.#running?.id === runId ? this.#running.texts : {};
    const outcome: JobOutcome = {
      images,
      timings,
      ...(Object.keys(texts).length > 0 ? { texts } : {}),
      ...(error ? { error } : {}),
    };
    try {
      this.#store.finish(runId, status, outcome, Date.now());
      this.#spread(runId, event, isWindows);
    } catch (thrown) {
      const problem = notKept(thrown).toPayload();
      this.#unkept.set(runId, { state: "failed", outcome: { ...outcome, error: problem } });
      this.#spread(runId, { ...event, status: "failed", error: problem }, isWindows);
    }
    this.#changes.emit(runId, undefined);
  }

  /** Windows hear of their own runs only: a program's nodes have the same names as theirs. */
  #spread(id: string, event: RunEvent, isWindows: boolean): void {
    if (isWindows) this.#publish({ type: "run", event });
    else this.#recentEvents.add(id, event);
    this.#changes.emit(id, event);
  }

  #enqueue(entry: WaitingJob): void {
    const goesBefore = (other: WaitingJob) =>
      entry.priority > other.priority || (entry.priority === other.priority && entry.rank < other.rank);
    // Most jobs come last.
    let index = this.#waiting.length;
    while (index > 0 && goesBefore(this.#waiting[index - 1]!)) index -= 1;
    this.#waiting.splice(index, 0, entry);
    if (entry.startBefore !== undefined) {
      const timer = setTimeout(() => this.#tooLate(entry.id), Math.max(0, entry.startBefore - Date.now()));
      this.#lateTimers.set(entry.id, timer.unref());
    }
  }

  /**
   * Gives a job its priority, and the jobs of that priority this order. Among themselves they exchange the ranks that they
   * have, so that however often they are moved, those that come later come after them.
   */
  #arrange(entry: WaitingJob, order: readonly WaitingJob[], priority: number): void {
    const group = order.filter((other) => other === entry || other.priority === priority);
    const ranks = group.map(({ rank }) => rank).sort((a, b) => a - b);
    for (const { id } of group) this.#dequeue(id);
    for (const [index, before] of group.entries()) {
      const after = { ...before, priority, rank: ranks[index]! };
      if (after.rank !== before.rank || after.priority !== before.priority) this.#store.place(after.id, after);
      this.#enqueue(after);
    }
    this.#tell();
  }

  #dequeue(id: string): boolean {
    const index = this.#waiting.findIndex((waiting) => waiting.id === id);
    if (index < 0) return false;
    this.#waiting.splice(index, 1);
    clearTimeout(this.#lateTimers.get(id));
    this.#lateTimers.delete(id);
    return true;
  }

  #tooLate(id: string): void {
    if (!this.#dequeue(id)) return;
    this.#finish(brokenOff(id, 0, startedTooLate()));
    this.#tell();
  }

  #flush(): void {
    try {
      this.#store.flush();
      if (!this.#running && this.#waiting.length === 0) this.#store.settle();
    } catch {
      // A full disk loses log lines; jobs say so themselves when they end.
    }
  }

  #forget(): void {
    this.#store.forgetBefore(Date.now() - this.#keepFinishedMs);
  }

  /** The first news at once, and what follows on it in one go. */
  #tell(): void {
    this.#hasNews = true;
    if (this.#tellTimer) return;
    this.#tellNow();
    this.#tellTimer = setTimeout(() => {
      this.#tellTimer = undefined;
      if (this.#hasNews && !this.#isClosing) this.#tell();
    }, TELL_EVERY_MS).unref();
  }

  #tellNow(): void {
    this.#hasNews = false;
    this.#publish({
      type: "queue",
      running: this.#running?.id ?? null,
      waiting: this.#waiting.map(({ id }) => id),
    });
  }
}

function newJob({ document, targets, ...request }: JobRequest): NewJob {
  const origin = request.origin ?? "studio";
  const createdAt = Date.now();
  return {
    id: randomUUID(),
    origin,
    priority: request.priority ?? (origin === "studio" ? JobPriority.window : JobPriority.normal),
    group: request.group,
    facts: request.facts ?? null,
    deliveries: request.deliveries ?? [],
    document,
    targets,
    timeoutMs: request.timeoutMs,
    startBefore: request.startTimeoutMs === undefined ? undefined : createdAt + request.startTimeoutMs,
    createdAt,
  };
}

const engineEnds: ReadonlySet<string> = new Set(["engine-stopped", "engine-start-failed"]);

/** The end of a run that could not tell its own: cancelled, or failed when there is an error. */
function brokenOff(runId: string, totalMs: number, error?: HeddleError): Extract<RunEvent, { type: "run-finished" }> {
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

function full(limit: number): HeddleError {
  return new HeddleError({
    code: "queue-full",
    message: `${limit} runs are waiting already.`,
    help: "Wait until some are done, or cancel some.",
    details: { limit },
  });
}

function shuttingDown(): HeddleError {
  return new HeddleError({
    code: "shutting-down",
    message: "Heddle is closing.",
    help: "Start Heddle again to go on.",
  });
}

function tooLong(): HeddleError {
  return new HeddleError({
    code: "job-timeout",
    message: "The job took longer than it may and was stopped.",
    help: "Ask for fewer steps, fewer pictures or a smaller size, or allow it more time.",
  });
}

function notKept(cause: unknown): HeddleError {
  return new HeddleError(
    {
      code: "job-not-kept",
      message: "How the job ended could not be written down.",
      help: "See whether the disk of Heddle’s home folder is full. The job runs again when Heddle is started anew.",
    },
    { cause },
  );
}

function startedTooLate(): HeddleError {
  return new HeddleError({
    code: "job-start-timeout",
    message: "The job could not start within the time that it may wait.",
    help: "Try again when fewer jobs are waiting, or allow it to wait longer.",
  });
}
