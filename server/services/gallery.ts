import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import { readEmbedded } from "../../graph/embedding/embedded.ts";
import type { ImageReference } from "../../graph/events.ts";
import { type LocalImageStore, pictureMimeTypes } from "./image-store.ts";

/** How many files are looked at: a folder of years of pictures must not hold up the start. */
const MAX_FILES = 20_000;
const MAX_DEPTH = 9;

/** The pictures of an output folder, newest first, each known to the store by its hash from then on. */
export class Gallery {
  readonly #folder: string;
  readonly #store: LocalImageStore;
  /** By path, size and modification time: a file is read once. */
  readonly #known = new Map<string, ImageReference>();

  constructor(folder: string, store: LocalImageStore) {
    this.#folder = folder;
    this.#store = store;
  }

  async recent(limit: number): Promise<ImageReference[]> {
    const files = await Promise.all((await this.#pictures(this.#folder, MAX_DEPTH)).slice(0, MAX_FILES).map(withTime));
    const newest = files
      .flatMap((file) => file ?? [])
      .sort((a, b) => b.mtimeMs - a.mtimeMs || (a.path < b.path ? 1 : -1));
    const references: ImageReference[] = [];
    for (const file of newest) {
      if (references.length === limit) break;
      const reference = await this.#reference(file);
      if (reference) references.push(reference);
    }
    return references;
  }

  async #pictures(folder: string, depth: number): Promise<string[]> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const found: string[] = [];
    for (const entry of entries) {
      const full = path.join(folder, entry.name);
      if (entry.isFile() && path.extname(entry.name).slice(1).toLowerCase() in pictureMimeTypes) found.push(full);
      else if (entry.isDirectory() && depth > 0 && !entry.name.startsWith(".")) {
        found.push(...(await this.#pictures(full, depth - 1)));
      }
    }
    return found;
  }

  /** `undefined` for a file that is no picture, whatever its name says. */
  async #reference({ path: file, size, mtimeMs }: FileWithTime): Promise<ImageReference | undefined> {
    const key = `${file}\0${size}\0${mtimeMs}`;
    const known = this.#known.get(key);
    if (known && (await this.#store.has(known.hash))) return known;
    try {
      const bytes = await readFile(file);
      const { width, height } = await sharp(bytes).metadata();
      const mimeType = pictureMimeTypes[path.extname(file).slice(1).toLowerCase()] ?? "";
      const seed = /(?:^|[\n,] ?)Seed: (\d{1,19})(?:,|$)/m.exec(readEmbedded(bytes)?.parameters ?? "")?.[1];
      const reference = await this.#store.register(file, bytes, { width, height, mimeType, seed });
      this.#known.set(key, reference);
      return reference;
    } catch {
      return undefined;
    }
  }
}

interface FileWithTime {
  path: string;
  size: number;
  mtimeMs: number;
}

async function withTime(file: string): Promise<FileWithTime | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found && { path: file, size: found.size, mtimeMs: found.mtimeMs };
}
