/** How far a run was when it began to compute, and what its latest progress told about its end. */
export interface Pace {
  /** When the run was first heard of, in ms since 1970. */
  readonly heardAt: number;
  /** The share that was done at `from`: what a cache gave, or what was done before this window was opened. */
  readonly share: number;
  readonly from: number;
  /** When it will end as judged at its latest progress; undefined where that is too early to say. */
  readonly endsAt?: number | undefined;
}

/** What comes within this time of the first word was known already: nothing computes as fast. */
const TOLD_AT_ONCE_MS = 250;
/** A judgement by a smaller share would be wrong. */
const JUDGED_FROM_SHARE = 0.1;
/** A shorter rest is not worth reading. */
const SHOWN_FROM_MS = 3_000;

/** The pace after `share` of the run is done at `now`. */
export function paced(before: Pace | undefined, share: number, now: number): Pace {
  const heardAt = before?.heardAt ?? now;
  if (!before || now - heardAt < TOLD_AT_ONCE_MS) return { heardAt, share, from: now };
  const done = share - before.share;
  if (done < JUDGED_FROM_SHARE) return before;
  return { ...before, endsAt: now + ((now - before.from) / done) * (1 - share) };
}

/**
 * How long a run still takes, in ms: by its own progress wherever that tells, else by how long such runs took before.
 * The one estimate of all places that show it.
 */
export function timeLeftMs(
  pace: Pace | undefined,
  now: number,
  past?: { readonly startedAt: number | undefined; readonly expectedMs: number | undefined },
): number | undefined {
  if (pace?.endsAt !== undefined) return Math.max(0, pace.endsAt - now);
  if (past?.expectedMs === undefined) return undefined;
  return Math.max(0, past.expectedMs - Math.max(0, now - (past.startedAt ?? now)));
}

export const isWorthReading = (ms: number | undefined): ms is number => ms !== undefined && ms >= SHOWN_FROM_MS;

/** How long until the last waiting run has ended; undefined where one of them cannot be judged. */
export function untilAllDoneMs(
  running: readonly (number | undefined)[],
  waiting: readonly (number | undefined)[],
): number | undefined {
  let total = 0;
  for (const ms of [...running, ...waiting]) {
    if (ms === undefined) return undefined;
    total += ms;
  }
  return total;
}
