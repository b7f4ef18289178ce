/** Shares a number of bytes per second among all downloads. `undefined` is as fast as possible. */
export class Bandwidth {
  #limit: number | undefined;
  /** When the bytes that were let through so far are paid for, in milliseconds of {@link performance.now}. */
  #paidAt = 0;

  get limit(): number | undefined {
    return this.#limit;
  }

  set limit(bytesPerSecond: number | undefined) {
    this.#limit = bytesPerSecond;
    this.#paidAt = 0;
  }

  /** Resolves when that many further bytes may be read. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    if (this.#limit === undefined) return;
    const now = performance.now();
    // A pause does not save up for a burst.
    this.#paidAt = Math.max(this.#paidAt, now) + (bytes / this.#limit) * 1_000;
    const wait = this.#paidAt - now;
    if (wait > 1) await sleep(wait, signal);
  }
}

/** @throws the signal's reason */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}
