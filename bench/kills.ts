import { setTimeout as delay } from "node:timers/promises";
import type { ServedHost } from "./served-host.ts";

/** The longest pause before a kill, in ms: an engine needs some of it to start and get something done. */
const LONGEST_PAUSE_MS = 1_200;
/** Half of the submits begin within so many ms before their kill. */
const CLOSE_MS = 20;

/**
 * Kills of a host or its engine at random, about half of each, while jobs are being submitted: an equal share of the jobs
 * belongs to each kill, and begins at moments of its own before that, half of it right before.
 */
export class Kills {
  readonly #host: ServedHost;
  readonly #jobsPerKill: number;
  readonly #turns: PromiseWithResolvers<number>[];
  #ofHost = 0;
  #ofEngine = 0;
  #duringSubmits = 0;
  #inFlight = 0;

  constructor(host: ServedHost, kills: number, jobs: number) {
    this.#host = host;
    this.#jobsPerKill = jobs / kills;
    this.#turns = Array.from({ length: kills }, () => Promise.withResolvers());
  }

  /** Waits for the moment of this job, and then does its `work`. */
  async among<T>(job: number, work: () => Promise<T>): Promise<T> {
    const pauseMs = await this.#turns[Math.floor(job / this.#jobsPerKill)]!.promise;
    await delay(Math.random() < 0.5 ? Math.random() * pauseMs : pauseMs - Math.random() * CLOSE_MS);
    this.#inFlight += 1;
    try {
      return await work();
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** Resolves after the last kill, with the host running again. */
  async run(): Promise<void> {
    for (const turn of this.#turns) {
      const pauseMs = CLOSE_MS + Math.random() * (LONGEST_PAUSE_MS - CLOSE_MS);
      turn.resolve(pauseMs);
      await delay(pauseMs);
      if (this.#inFlight > 0) this.#duringSubmits += 1;
      // There is no engine for a moment after the last one was killed.
      if (Math.random() < 0.5 && (await this.#host.killEngine())) this.#ofEngine += 1;
      else {
        await this.#host.restart();
        this.#ofHost += 1;
      }
    }
  }

  get facts(): { killsOfHost: number; killsOfEngine: number; killsWhileSubmitsWereUnanswered: number } {
    return {
      killsOfHost: this.#ofHost,
      killsOfEngine: this.#ofEngine,
      killsWhileSubmitsWereUnanswered: this.#duringSubmits,
    };
  }
}
