/** How far a run was when it began to compute, and what its latest progress told about its end. */
export interface Pace {
  /** When the run was first heard of, in ms since 1970. */
  readonly heardAt: number;
  /** The share that was done at `from`: what a cache gave, or what was done before this window was opened. */
  readonly share: number;
  readonly from: number;
  /** When it will end as judged at its latest progress; undefined where that is too early to say. */
  readonly endsAt?: number | undefined;
  /** How far that judgement is to be trusted, 0 to 1: it grows with the share that it rests on. */
  readonly trust?: number | undefined;
}

/** What comes within this time of the first word was known already: nothing computes as fast. */
const TOLD_AT_ONCE_MS = 250;
/** A judgement by a smaller share would be worth nothing. */
const JUDGED_FROM_SHARE = 0.01;
/** One by this share stands for itself; before, how long such runs took counts as well, the less the more is done. */
const TRUSTED_FROM_SHARE = 0.05;
/** A shorter rest is not worth reading. */
const SHOWN_FROM_MS = 3_000;

/** The pace after `share` of the run is done at `now`. */
export function paced(before: Pace | undefined, share: number, now: number): Pace {
  const heardAt = before?.heardAt ?? now;
  if (!before || now - heardAt < TOLD_AT_ONCE_MS) return { heardAt, share, from: now };
  const done = share - before.share;
  if (done < JUDGED_FROM_SHARE) return before;
  const trust = Math.min(1, done / TRUSTED_FROM_SHARE);
  return { ...before, trust, endsAt: now + ((now - before.from) / done) * (1 - share) };
}

/**
 * How long a run still takes, in ms: by its own progress wherever that tells, at first together with how long such runs took
 * before.
 * The one estimate of all places that show it.
 */
export function timeLeftMs(
  pace: Pace | undefined,
  now: number,
  past?: { readonly startedAt: number | undefined; readonly expectedMs: number | undefined },
): number | undefined {
  const trust = pace?.trust ?? 0;
  const own = pace?.endsAt === undefined ? undefined : Math.max(0, pace.endsAt - now);
  if (own !== undefined && trust >= 1) return own;
  if (past?.expectedMs === undefined) return undefined;
  const before = Math.max(0, past.expectedMs - Math.max(0, now - (past.startedAt ?? now)));
  return own === undefined ? before : own * trust + before * (1 - trust);
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
