import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { CancelledError, HeddleError } from "../../common/errors.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { RunEvent } from "../../graph/events.ts";
import type { HostInfo } from "../../protocol/contract.ts";
import type { EngineChild, EngineExit } from "./engine-child.ts";
import { engineStartError, engineStoppedError } from "./exit-error.ts";
import { type EngineMessage, engineMessageSchema } from "./messages.ts";

export type EngineState = HostInfo["engine"];

export interface SupervisorOptions {
  /** @param environment what {@link configure} said */
  spawn(environment: Readonly<Record<string, string>>): EngineChild;
  /** Asked before every start: how this engine is to be started. */
  configure?(): Promise<Readonly<Record<string, string>>>;
  onState?(state: EngineState, message?: string): void;
  /** Told when an engine ends by a fault while a run is in it; the run fails with what it returns. */
  onCrash?(error: HeddleError): HeddleError;
  onLog?(level: "info" | "error", message: string, details?: object): void;
  /** First pause before a restart, in ms; it doubles with every failure up to 30 s. */
  restartDelayMs?: number;
  /** How often the engine is listened for while it works, in ms, and how many such times in a row it may be silent. */
  silenceCheckMs?: number;
  silencesAllowed?: number;
}

interface Run {
  runId: string;
  onEvent(event: RunEvent): void;
  done: PromiseWithResolvers<void>;
}

interface Engine {
  child: EngineChild;
  ready: PromiseWithResolvers<void>;
  isReady: boolean;
  isUnresponsive: boolean;
  /** It was asked to end, so that another one can take its place. */
  isRetired: boolean;
  /** Checks in a row without a word. Counted, not timed: a laptop that slept for hours has missed only one. */
  silences: number;
}

const LONGEST_RESTART_DELAY_MS = 30_000;
const SHUTDOWN_GRACE_MS = 3_000;

/**
 * Keeps one engine process: starts it when it is first needed, notices when it ends or falls silent, fails the run that was
 * in it with `engine-stopped`, and starts it again with back-off, so that the next run works.
 */
export class EngineSupervisor {
  readonly #options: SupervisorOptions;
  #engine: Engine | undefined;
  #starting: Promise<Engine> | undefined;
  #run: Run | undefined;
  readonly #requests = new Map<string, PromiseWithResolvers<{ tokens: number; limit: number }>>();
  readonly #closing = new AbortController();
  #exited: PromiseWithResolvers<void> | undefined;
  #failures = 0;
  /** What engines are started with has changed since this one was. */
  #isOutdated = false;
  #state: EngineState = "starting";
  readonly #silenceTimer: NodeJS.Timeout;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#silenceTimer = setInterval(() => this.#checkSilence(), options.silenceCheckMs ?? 5_000).unref();
  }

  get state(): EngineState {
    return this.#state;
  }

  /** Starts the engine ahead of its first run. A failure shows when it is used. */
  warmUp(): void {
    this.#start().catch(() => {});
  }

  /** Another engine takes the place of this one, once what is in it has ended. */
  restart(): void {
    this.#isOutdated = true;
    this.#failures = 0;
    this.#replaceOutdated();
  }

  /** Resolves when the run's `run-finished` event has passed through `onEvent`; one run at a time. */
  async run(
    request: { runId: string; document: WorkflowDocument; targets?: string[] | undefined },
    onEvent: (event: RunEvent) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const engine = await Promise.race([this.#start(), ...(signal ? [rejectOnAbort(signal)] : [])]);
    const run: Run = { runId: request.runId, onEvent, done: Promise.withResolvers() };
    this.#run = run;
    this.#setState("busy");
    const cancel = () => engine.child.send({ type: "cancel", runId: request.runId });
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      engine.child.send({ type: "run", ...request });
      await run.done.promise;
      this.#failures = 0;
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#run = undefined;
      if (this.#engine?.isReady && !this.#engine.isRetired) this.#setState("ready");
      this.#replaceOutdated();
    }
  }

  async countTokens(checkpoint: string, text: string): Promise<{ tokens: number; limit: number }> {
    const engine = await this.#start();
    const requestId = randomUUID();
    const answer = Promise.withResolvers<{ tokens: number; limit: number }>();
    this.#requests.set(requestId, answer);
    engine.child.send({ type: "count-tokens", requestId, checkpoint, text });
    return answer.promise.finally(() => {
      this.#requests.delete(requestId);
      this.#replaceOutdated();
    });
  }

  /** Lets the engine release its sessions, and ends it after a moment if it does not. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#silenceTimer);
    const { child } = this.#engine ?? {};
    if (!child || !this.#exited) return;
    child.send({ type: "shutdown" });
    const timer = setTimeout(() => child.kill(), SHUTDOWN_GRACE_MS);
    await this.#exited.promise;
    clearTimeout(timer);
  }

  #replaceOutdated(): void {
    const engine = this.#engine;
    if (!this.#isOutdated || !engine?.isReady || engine.isRetired || this.#run || this.#requests.size > 0) return;
    this.#retire(engine);
    this.warmUp();
  }

  /** Lets it release its sessions; the next start waits for its end. */
  #retire(engine: Engine): void {
    engine.isRetired = true;
    engine.child.send({ type: "shutdown" });
    const timer = setTimeout(() => engine.child.kill(), SHUTDOWN_GRACE_MS);
    this.#exited?.promise.then(() => clearTimeout(timer));
  }

  #start(): Promise<Engine> {
    if (this.#engine?.isReady && !this.#engine.isRetired) return Promise.resolve(this.#engine);
    this.#starting ??= this.#launch().finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  async #launch(): Promise<Engine> {
    if (this.#failures > 0) {
      this.#setState("restarting");
      const pause = (this.#options.restartDelayMs ?? 250) * 2 ** (this.#failures - 1);
      await delay(Math.min(pause, LONGEST_RESTART_DELAY_MS), undefined, { signal: this.#closing.signal }).catch(
        () => {},
      );
    } else this.#setState("starting");
    if (this.#engine?.isRetired) await this.#exited?.promise;
    this.#isOutdated = false;
    const environment = (await this.#options.configure?.()) ?? {};
    if (this.#closing.signal.aborted) throw shuttingDown();
    const engine: Engine = {
      child: this.#options.spawn(environment),
      ready: Promise.withResolvers(),
      isReady: false,
      isUnresponsive: false,
      isRetired: false,
      silences: 0,
    };
    this.#engine = engine;
    this.#exited = Promise.withResolvers();
    engine.child.onMessage((raw) => this.#receive(engine, raw));
    engine.child.onExit((exit) => this.#ended(engine, exit));
    await engine.ready.promise;
    if (!this.#isOutdated) return engine;
    this.#retire(engine);
    return this.#launch();
  }

  #receive(engine: Engine, raw: unknown): void {
    engine.silences = 0;
    const parsed = engineMessageSchema.safeParse(raw);
    if (parsed.success) this.#handle(engine, parsed.data);
    else
      this.#options.onLog?.("error", "The engine sent a message that makes no sense", { issues: parsed.error.issues });
  }

  #handle(engine: Engine, message: EngineMessage): void {
    switch (message.type) {
      case "heartbeat":
        return;
      case "ready":
        engine.isReady = true;
        engine.ready.resolve();
        this.#setState("ready");
        return;
      case "event":
        if (message.event.runId !== this.#run?.runId) return;
        this.#run.onEvent(message.event);
        if (message.event.type === "run-finished") this.#run.done.resolve();
        return;
      case "run-broken":
        if (message.runId === this.#run?.runId) this.#run.done.reject(new HeddleError(message.error));
        return;
      case "tokens":
        this.#requests.get(message.requestId)?.resolve({ tokens: message.tokens, limit: message.limit });
        return;
      case "request-failed":
        this.#requests.get(message.requestId)?.reject(new HeddleError(message.error));
    }
  }

  #ended(engine: Engine, exit: EngineExit): void {
    this.#engine = undefined;
    this.#exited?.resolve();
    if (this.#closing.signal.aborted) {
      this.#failAll(engine, shuttingDown());
      return;
    }
    if (engine.isRetired) {
      this.#failAll(engine, engineStoppedError(exit, false));
      return;
    }
    this.#failures += 1;
    const ended = engine.isReady ? engineStoppedError(exit, engine.isUnresponsive) : engineStartError(exit);
    const isFault = engine.isReady && this.#run !== undefined && ended.details?.cause !== "out-of-memory";
    const error = (isFault && this.#options.onCrash?.(ended)) || ended;
    this.#options.onLog?.("error", error.message, { ...exit });
    this.#setState("restarting", error.message);
    this.#failAll(engine, error);
    // A process that never got ready would fail again: it is tried again when it is next needed.
    if (engine.isReady) this.warmUp();
  }

  #failAll(engine: Engine, error: HeddleError): void {
    engine.ready.reject(error);
    engine.ready.promise.catch(() => {});
    this.#run?.done.reject(error);
    for (const request of this.#requests.values()) request.reject(error);
  }

  #checkSilence(): void {
    const engine = this.#engine;
    if (!engine || (engine.isReady && !this.#run)) return;
    engine.silences += 1;
    if (engine.silences <= (this.#options.silencesAllowed ?? 120)) return;
    engine.isUnresponsive = true;
    engine.child.kill();
  }

  #setState(state: EngineState, message?: string): void {
    if (state === this.#state && message === undefined) return;
    this.#state = state;
    this.#options.onState?.(state, message);
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const cancel = () => reject(new CancelledError());
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
  });
}

function shuttingDown(): HeddleError {
  return new HeddleError({
    code: "shutting-down",
    message: "Heddle is closing.",
    help: "Start Heddle again to go on.",
  });
}
