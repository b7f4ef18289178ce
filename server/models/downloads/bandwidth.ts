/** Shares a number of bytes per second among all downloads. `undefined` is as fast as possible. */
export class Bandwidth {
  readonly #sleepers = new Set<() => void>();
  #limit: number | undefined;
  /** When the bytes that were let through so far are paid for, in milliseconds of {@link performance.now}. */
  #paidAt = 0;

  get limit(): number | undefined {
    return this.#limit;
  }

  /** Whoever waits at the moment pays anew, by the new limit. */
  set limit(bytesPerSecond: number | undefined) {
    this.#limit = bytesPerSecond;
    this.#paidAt = 0;
    for (const wake of this.#sleepers) wake();
  }

  /** Resolves when that many further bytes may be read. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    for (let isPaid = false; this.#limit !== undefined && !isPaid; ) {
      const now = performance.now();
      // A pause does not save up for a burst.
      this.#paidAt = Math.max(this.#paidAt, now) + (bytes / this.#limit) * 1_000;
      const wait = this.#paidAt - now;
      isPaid = wait <= 1 || (await sleep(wait, signal, this.#sleepers));
    }
  }
}

/**
 * @param sleepers where to be found by whoever may wake this up
 * @returns `false` when it was woken up
 * @throws the signal's reason
 */
export function sleep(ms: number, signal: AbortSignal, sleepers?: Set<() => void>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      sleepers?.delete(wake);
      settle();
    };
    const abort = () => end(() => reject(signal.reason));
    const wake = () => end(() => resolve(false));
    const timer = setTimeout(() => end(() => resolve(true)), ms);
    signal.addEventListener("abort", abort, { once: true });
    sleepers?.add(wake);
  });
}
