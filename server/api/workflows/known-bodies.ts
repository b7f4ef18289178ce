/** Texts longer than this are read anew each time. */
const LONGEST_TEXT = 64 * 1_024;
const MOST_TEXTS = 100;

/**
 * What was made of the texts that came last. Scripts send the same workflow again and again, and reading and checking it costs
 * more than all else that is done for a short job. Good only for what follows from the text alone and nobody changes.
 */
export class KnownBodies<T> {
  readonly #read: (text: string) => T;
  /** The text that was asked for last is at the end. */
  readonly #known = new Map<string, T>();

  /** @param read what it throws is not remembered */
  constructor(read: (text: string) => T) {
    this.#read = read;
  }

  get(text: string): T {
    if (text.length > LONGEST_TEXT) return this.#read(text);
    const value = this.#known.get(text) ?? this.#read(text);
    this.#known.delete(text);
    this.#known.set(text, value);
    if (this.#known.size > MOST_TEXTS) this.#known.delete(this.#known.keys().next().value!);
    return value;
  }
}
