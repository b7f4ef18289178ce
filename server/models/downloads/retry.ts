import type { IncomingHttpHeaders } from "node:http";

/** Longer than this nobody waits for a server that asks for patience; the download then stops and can be resumed. */
const MAX_PATIENCE_MS = 15 * 60_000;

type Why =
  | "other-part"
  | "ended-early"
  | "too-much"
  | "other-form"
  | "overloaded"
  | "silent"
  | "timeout"
  | "unreachable"
  | "no-address"
  | "broken";

/** A failure that may pass: the connection, an overloaded server, an answer that was not what was asked for. */
export class Passing extends Error {
  /** What the server asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  readonly why: Why;
  /** The system’s message, or the status that a server answered with. */
  readonly said: string | number | undefined;

  constructor(
    why: Why,
    reason: string,
    options: { retryAfterMs?: number | undefined; said?: string | number; cause?: unknown } = {},
  ) {
    super(reason, { cause: options.cause });
    this.why = why;
    this.said = options.said;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Waits between attempts that bring nothing: 1, 2, 4 ... 60 seconds, each up to a quarter more or less. */
export interface RetryPolicy {
  /** Attempts in a row that may bring nothing. */
  attempts: number;
  baseDelayMs: number;
  maxDelayMs: number;
  /** Silence after which a connection counts as lost. */
  idleTimeoutMs: number;
}

export const usualRetries: RetryPolicy = {
  attempts: 8,
  baseDelayMs: 1_000,
  maxDelayMs: 60_000,
  idleTimeoutMs: 30_000,
};

export function delayFor(failure: Passing, failures: number, { baseDelayMs, maxDelayMs }: RetryPolicy): number {
  if (failure.retryAfterMs !== undefined) return Math.min(failure.retryAfterMs, MAX_PATIENCE_MS);
  const delay = Math.min(maxDelayMs, baseDelayMs * 2 ** Math.max(0, failures - 1));
  return delay * (0.75 + Math.random() / 2);
}

/** `Retry-After` as RFC 9110 has it: seconds, or a date. In milliseconds. */
export function retryAfter(headers: IncomingHttpHeaders, now = Date.now()): number | undefined {
  const text = headers["retry-after"]?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
