import { HeddleError, toHeddleError } from "../../common/errors.ts";
import type { GuardedFetch, GuardedRequest } from "../http/guarded-fetch.ts";
import type { Delivery, Job } from "../queue/job.ts";
import type { JobQueue } from "../queue/job-queue.ts";

export interface DelivererOptions {
  /** How often the queue is asked what is due, in ms. */
  everyMs?: number;
  /** Pause after the first failure, in ms; it doubles each time, up to 20 minutes. */
  retryMs?: number;
}

const AT_ONCE = 20;
const MOST_ATTEMPTS = 10;
const LONGEST_PAUSE_MS = 20 * 60_000;
const TIMEOUT_MS = 15_000;
/** Nobody reads what they answer. */
const MAX_ANSWER_BYTES = 64 * 1_024;

/** Tells those who asked for it that their jobs ended, again and again for about two hours until it works. */
export class Deliverer {
  readonly #jobs: Pick<JobQueue, "dueDeliveries" | "tried" | "find">;
  readonly #fetch: GuardedFetch;
  readonly #messageOf: (job: Job, kind: Delivery["kind"]) => Promise<GuardedRequest>;
  readonly #retryMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #inFlight = new Set<number>();

  constructor(
    jobs: Pick<JobQueue, "dueDeliveries" | "tried" | "find">,
    fetch: GuardedFetch,
    messageOf: (job: Job, kind: Delivery["kind"]) => Promise<GuardedRequest>,
    { everyMs = 500, retryMs = 10_000 }: DelivererOptions = {},
  ) {
    this.#jobs = jobs;
    this.#fetch = fetch;
    this.#messageOf = messageOf;
    this.#retryMs = retryMs;
    this.#timer = setInterval(() => this.#check(), everyMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    for (const delivery of this.#jobs.dueDeliveries(AT_ONCE)) {
      if (this.#inFlight.has(delivery.id)) continue;
      this.#inFlight.add(delivery.id);
      void this.#deliver(delivery).finally(() => this.#inFlight.delete(delivery.id));
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { jobId, kind, url, attempts } = delivery;
    const host = URL.parse(url)?.host ?? url;
    try {
      const job = this.#jobs.find(jobId);
      if (!job) return;
      const message = await this.#messageOf(job, kind);
      const { status } = await this.#fetch(url, { ...message, timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES });
      if (status < 200 || status > 299) throw answered(host, status);
      this.#jobs.tried(delivery, {
        level: "info",
        message: `${kind} to ${host}: delivered.`,
        fact: { code: "delivered", kind, host },
      });
    } catch (error) {
      const problem = toHeddleError(error).toPayload();
      const { code, message } = problem;
      // What is refused now will be refused again.
      const isLast = attempts + 1 >= MOST_ATTEMPTS || code === "fetch-refused";
      const pause = Math.min(LONGEST_PAUSE_MS, this.#retryMs * 2 ** attempts);
      const line = {
        level: "warn",
        message: `${kind} to ${host}: ${message}${isLast ? " Given up." : ""}`,
        fact: { code: "not-delivered", kind, host, error: problem, isLast },
      } as const;
      this.#jobs.tried(delivery, line, isLast ? undefined : Date.now() + pause);
    }
  }
}

const answered = (host: string, status: number) =>
  new HeddleError({
    code: "fetch-failed",
    message: `${host} answered ${status}.`,
    help: "Look there for what it did not like.",
    details: { cause: "delivery", host, status },
  });
