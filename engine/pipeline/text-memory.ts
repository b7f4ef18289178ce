import { type EncodedText, keyOf } from "./text-cache.ts";

/** Prompts of 512 tokens take 5 MB each under Z-Image's encoder. */
const KEPT = 16;

/**
 * The embeddings of the prompts that were used last: each is encoded once, also where nothing is kept on disk, and when it is
 * wanted twice at the same time (the empty negative prompt of two samplers).
 */
export class TextMemory {
  readonly #texts = new Map<string, Promise<Float32Array>>();

  has(text: EncodedText): boolean {
    return this.#texts.has(keyOf(text));
  }

  /** What was kept, or what `make` gives; not to be changed. What fails is forgotten, and fails for its own caller only. */
  async remember(text: EncodedText, make: () => Promise<Float32Array>): Promise<Float32Array> {
    const key = keyOf(text);
    const known = await this.#texts.get(key)?.catch(() => undefined);
    if (known !== undefined) {
      this.#keep(key, Promise.resolve(known));
      return known;
    }
    const making = make();
    this.#keep(key, making);
    making.catch(() => {
      if (this.#texts.get(key) === making) this.#texts.delete(key);
    });
    return making;
  }

  #keep(key: string, embeddings: Promise<Float32Array>): void {
    this.#texts.delete(key);
    this.#texts.set(key, embeddings);
    const [oldest] = this.#texts.keys();
    if (this.#texts.size > KEPT && oldest !== undefined) this.#texts.delete(oldest);
  }
}
