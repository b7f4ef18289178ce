/** What a value costs that says it costs nothing: bookkeeping, and a bound on the number of entries. */
const MIN_BYTES = 1024;

/** Keeps values up to a budget of bytes; those that were not used for longest go first. */
export class LruCache<Value> {
  readonly #budgetBytes: number;
  /** In order of use, oldest first. */
  readonly #entries = new Map<string, { value: Value; bytes: number }>();
  #usedBytes = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  /** The value, which counts as used now. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keeps the value; one larger than the whole budget is not kept. */
  set(key: string, value: Value, bytes: number): void {
    this.delete(key);
    const cost = Math.max(bytes, MIN_BYTES);
    if (cost > this.#budgetBytes) return;
    this.#entries.set(key, { value, bytes: cost });
    this.#usedBytes += cost;
    for (const oldest of this.#entries.keys()) {
      if (this.#usedBytes <= this.#budgetBytes) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#usedBytes -= entry.bytes;
  }

  clear(): void {
    this.#entries.clear();
    this.#usedBytes = 0;
  }
}
