import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A prompt of 512 tokens takes 5 MB under Z-Image's encoder. */
const BUDGET_BYTES = 512 * 2 ** 20;
const DIGEST_BYTES = 32;
const EXTENSION = ".text";

/** What the embeddings of a prompt depend on. */
export interface EncodedText {
  /** Of the encoder's files. */
  readonly fingerprint: string;
  /** The precision plan that the encoder ran under. */
  readonly plan: string;
  /** What identifies the LoRAs on the encoder, with their strengths. */
  readonly loras: readonly string[];
  readonly ids: readonly number[];
}

/**
 * Text encoders' results on disk, so that a prompt that was encoded once needs no encoder any more. A file holds the SHA-256
 * of its values and then the values, float32; one that does not agree counts as not there. The least recently used go first.
 */
export class TextCache {
  readonly #folder: string;
  readonly #budgetBytes: number;

  /** @param cacheFolder files lie in `<cacheFolder>/text/` */
  constructor(cacheFolder: string, budgetBytes = BUDGET_BYTES) {
    this.#folder = join(cacheFolder, "text");
    this.#budgetBytes = budgetBytes;
  }

  /** Whether there are embeddings for it, which the next {@link remember} finds unless they are damaged. */
  async has(text: EncodedText): Promise<boolean> {
    return (await stat(this.#pathOf(text)).catch(() => undefined)) !== undefined;
  }

  /** The embeddings from the cache, or made by `encode` and put there. A cache that cannot be written is no error. */
  async remember(text: EncodedText, encode: () => Promise<Float32Array>): Promise<Float32Array> {
    const path = this.#pathOf(text);
    const known = await this.#read(path);
    if (known !== undefined) return known;
    const embeddings = await encode();
    await this.#write(path, embeddings).catch(() => undefined);
    return embeddings;
  }

  #pathOf(text: EncodedText): string {
    return join(this.#folder, `${keyOf(text)}${EXTENSION}`);
  }

  async #read(path: string): Promise<Float32Array | undefined> {
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes === undefined) return undefined;
    const values = bytes.subarray(DIGEST_BYTES);
    if (!digestOf(values).equals(bytes.subarray(0, DIGEST_BYTES))) return undefined;
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
    return new Float32Array(Uint8Array.from(values).buffer);
  }

  async #write(path: string, embeddings: Float32Array): Promise<void> {
    const values = new Uint8Array(embeddings.buffer, embeddings.byteOffset, embeddings.byteLength);
    await mkdir(this.#folder, { recursive: true });
    const unfinished = `${path}.${process.pid}.part`;
    try {
      await writeFile(unfinished, Buffer.concat([digestOf(values), values]));
      await rename(unfinished, path);
    } finally {
      await rm(unfinished, { force: true });
    }
    await this.#prune();
  }

  async #prune(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(EXTENSION));
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        const { size, mtimeMs } = await stat(path);
        return { path, size, mtimeMs };
      }),
    );
    let bytes = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (bytes <= this.#budgetBytes) return;
      await rm(path, { force: true });
      bytes -= size;
    }
  }
}

/** The same for texts with the same embeddings. */
export function keyOf({ fingerprint, plan, loras, ids }: EncodedText): string {
  return createHash("sha256")
    .update(JSON.stringify([1, fingerprint, plan, loras, ids]))
    .digest("hex");
}

const digestOf = (values: Uint8Array): Buffer => createHash("sha256").update(values).digest();
