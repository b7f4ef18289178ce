import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import { HeddleError } from "../../common/errors.ts";
import { readEmbedded } from "../../graph/embedding/embedded.ts";
import type { GalleryFacet, GalleryPicture, GalleryQuery, PictureDetails } from "../../protocol/gallery.ts";
import { fileErrorCause, fileErrorCode, fileErrorReason } from "../services/file-errors.ts";
import { type LocalImageStore, pictureMimeTypes } from "../services/image-store.ts";
import { GalleryIndex, type IndexedFile } from "./gallery-index.ts";
import { describePicture } from "./picture-facts.ts";

/** A folder of years of pictures must not hold up a window for longer. */
const REFRESH_MS = 1_000;
const MOST_FILES = 200_000;
const MAX_DEPTH = 9;
/** Files read at a time, and told to the index together. */
const BATCH = 32;
/** While files wait to be read, the folder is looked at again only so often. */
const SCAN_EVERY_MS = 10_000;
/** Below the output folder, so that moving a file there copies nothing; scans leave out what begins with a dot. */
const TRASH = ".trash";

/** What windows ask about saved pictures. */
export interface PictureGallery {
  refresh(): Promise<{ remaining: number; changed: boolean }>;
  search(query: GalleryQuery): { total: number; pictures: GalleryPicture[] };
  facets(): { models: GalleryFacet[]; loras: GalleryFacet[] };
  details(hash: string): PictureDetails | undefined;
  mark(hashes: readonly string[], marks: { favourite?: boolean | undefined; rating?: number | undefined }): number;
  trash(hashes: readonly string[]): Promise<number>;
  restore(hashes: readonly string[]): Promise<number>;
  purge(hashes?: readonly string[]): Promise<number>;
  close(): void;
}

/**
 * The pictures of an output folder. The files are the truth: the index follows them, and can be deleted. A deleted picture
 * lies under `.trash/<id>/` with the path that it had, so that it can go back there even without an index.
 */
export class Gallery implements PictureGallery {
  readonly #folder: string;
  readonly #store: LocalImageStore;
  readonly #index: GalleryIndex;
  #running: Promise<{ remaining: number; changed: boolean }> | undefined;
  /** Found by the last look at the folder and not read yet, the newest first. */
  #waiting: IndexedFile[] = [];
  #scannedAt = Number.NEGATIVE_INFINITY;
  /** Ends when what was begun last has. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(folder: string, store: LocalImageStore, index: GalleryIndex = new GalleryIndex()) {
    this.#folder = path.resolve(folder);
    this.#store = store;
    this.#index = index;
  }

  /** Two windows that ask at the same time share one look. */
  refresh(): Promise<{ remaining: number; changed: boolean }> {
    this.#running ??= this.#refresh().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** A picture in the trash is told with the path that it had, and goes back to. */
  search(query: GalleryQuery) {
    const found = this.#index.search(query);
    if (!query.trash) return found;
    const atHome = ({ path: file = "", ...picture }: GalleryPicture) => ({
      ...picture,
      path: path.join(this.#folder, this.#pathInTrash(file)),
    });
    return { ...found, pictures: found.pictures.map(atHome) };
  }

  facets() {
    return this.#index.facets();
  }

  details(hash: string) {
    return this.#index.details(hash);
  }

  mark(hashes: readonly string[], { favourite, rating }: Parameters<PictureGallery["mark"]>[1]): number {
    return this.#index.mark(hashes, {
      ...(favourite === undefined ? {} : { favourite }),
      ...(rating === undefined ? {} : { rating }),
    });
  }

  async trash(hashes: readonly string[]): Promise<number> {
    return this.#move(hashes, false, (file) =>
      path.join(this.#folder, TRASH, randomUUID().slice(0, 8), path.relative(this.#folder, file)),
    );
  }

  async restore(hashes: readonly string[]): Promise<number> {
    return this.#move(hashes, true, (file) => freePath(path.join(this.#folder, this.#pathInTrash(file))));
  }

  async purge(hashes: readonly string[] = this.#index.trashedHashes()): Promise<number> {
    let deleted = 0;
    for (const hash of hashes) {
      for (const file of this.#index.pathsOf(hash, true)) {
        await this.#inTurn(async () => {
          await rm(file, { force: true }).catch((error: unknown) => {
            throw refusedByDisk("picture-not-deletable", file, error);
          });
          this.#index.remove([file]);
          await removeEmptyFolders(path.dirname(file), path.join(this.#folder, TRASH));
        });
        deleted++;
      }
    }
    return deleted;
  }

  close(): void {
    this.#index.close();
  }

  async #refresh(): Promise<{ remaining: number; changed: boolean }> {
    const until = performance.now() + REFRESH_MS;
    let changed = this.#waiting.length > 0;
    if (!changed || performance.now() - this.#scannedAt > SCAN_EVERY_MS) changed = await this.#scan();
    // At least one batch: a slow scan must not keep the reading from ever beginning.
    do await this.#inTurn(() => this.#readAll(this.#waiting.splice(0, BATCH)));
    while (this.#waiting.length > 0 && performance.now() < until);
    return { remaining: this.#waiting.length, changed };
  }

  /** Looks for files that came, changed or went. Returns whether there are any. */
  async #scan(): Promise<boolean> {
    const known = this.#index.files();
    const trash = path.join(this.#folder, TRASH);
    const found = (await filesBelow(this.#folder, MAX_DEPTH)).concat(await filesBelow(trash, MAX_DEPTH + 1));
    const present = new Set(found);
    const gone = [...known.keys()].filter((file) => !present.has(file));
    this.#index.remove(gone);
    const stats = await Promise.all(found.slice(0, MOST_FILES).map(statOf));
    this.#waiting = stats
      .flatMap((file) => file ?? [])
      .filter((file) => isChanged(file, known.get(file.path)))
      .sort((a, b) => b.mtimeMs - a.mtimeMs);
    this.#scannedAt = performance.now();
    return gone.length > 0 || this.#waiting.length > 0;
  }

  /** A file is never moved while it is being read: the index would be told that it is still where it was. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #readAll(files: readonly IndexedFile[]): Promise<void> {
    const read = await Promise.all(files.map((file) => this.#read(file)));
    this.#index.transaction(() => {
      for (const put of read) put();
    });
  }

  /** Reads a file. Returns what tells the index of it. */
  async #read(file: IndexedFile): Promise<() => void> {
    try {
      const bytes = await readFile(file.path);
      // Loaded here: the studio starts without it.
      const { default: sharp } = await import("sharp");
      // As it is seen: its EXIF may say that it lies on its side.
      const { width, height } = (await sharp(bytes).metadata()).autoOrient;
      const facts = describePicture(readEmbedded(bytes) ?? {});
      const mimeType = pictureMimeTypes[path.extname(file.path).slice(1).toLowerCase()] ?? "";
      const hash = createHash("sha256").update(bytes).digest("hex");
      await this.#store.register(file.path, bytes, { width, height, mimeType, seed: facts.seed });
      const trashed = isInTrash(this.#folder, file.path);
      const place = trashed ? this.#pathInTrash(file.path) : path.relative(this.#folder, file.path);
      return () => this.#index.put({ ...file, ...facts, place, hash, width, height, mimeType, trashed });
    } catch (error) {
      if (fileErrorCode(error) === "ENOENT") return () => {};
      return () => this.#index.putUnreadable(file);
    }
  }

  async #move(
    hashes: readonly string[],
    trashed: boolean,
    target: (file: string) => string | Promise<string>,
  ): Promise<number> {
    let moved = 0;
    for (const hash of hashes) {
      for (const file of this.#index.pathsOf(hash, trashed)) {
        if (await this.#inTurn(async () => this.#moveFile(file, await target(file)))) moved++;
      }
    }
    return moved;
  }

  /** Returns whether it was there. */
  async #moveFile(file: string, to: string): Promise<boolean> {
    try {
      await mkdir(path.dirname(to), { recursive: true });
      await rename(file, to);
    } catch (error) {
      // Somebody else deleted it: the next look at the folder forgets it.
      if (fileErrorCode(error) === "ENOENT") return false;
      throw refusedByDisk("picture-not-movable", file, error);
    }
    this.#index.remove([file]);
    const there = await statOf(to);
    if (there) await this.#readAll([there]);
    if (isInTrash(this.#folder, file)) {
      await removeEmptyFolders(path.dirname(file), path.join(this.#folder, TRASH));
    }
    return true;
  }

  /** `2026-11-21/a.png` of `<output>/.trash/<id>/2026-11-21/a.png`; the name of what somebody else put into the trash. */
  #pathInTrash(file: string): string {
    const [first = "", ...rest] = path.relative(path.join(this.#folder, TRASH), file).split(path.sep);
    return rest.length === 0 ? first : rest.join(path.sep);
  }
}

/** Whether a file of an output folder is one that a person has deleted. */
export function isInTrash(outputFolder: string, file: string): boolean {
  return file.startsWith(path.join(path.resolve(outputFolder), TRASH) + path.sep);
}

async function filesBelow(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    const full = path.join(folder, entry.name);
    if (entry.isFile() && path.extname(entry.name).slice(1).toLowerCase() in pictureMimeTypes) found.push(full);
    else if (entry.isDirectory() && depth > 0 && !entry.name.startsWith(".")) {
      found.push(...(await filesBelow(full, depth - 1)));
    }
  }
  return found;
}

async function statOf(file: string): Promise<IndexedFile | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found && { path: file, size: found.size, mtimeMs: found.mtimeMs };
}

function isChanged(file: IndexedFile, known: IndexedFile | undefined): boolean {
  return known?.size !== file.size || known.mtimeMs !== file.mtimeMs;
}

/** The path itself, or `name-2`, `name-3` … where it is taken. */
async function freePath(wanted: string): Promise<string> {
  const { dir, name, ext } = path.parse(wanted);
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? wanted : path.join(dir, `${name}-${number}${ext}`);
    if (!(await stat(candidate).catch(() => undefined))) return candidate;
  }
}

async function removeEmptyFolders(folder: string, root: string): Promise<void> {
  for (let current = folder; current.startsWith(root); current = path.dirname(current)) {
    if (
      !(await rmdir(current).then(
        () => true,
        () => false,
      ))
    )
      return;
  }
}

function refusedByDisk(
  code: "picture-not-movable" | "picture-not-deletable",
  file: string,
  error: unknown,
): HeddleError {
  const name = path.basename(file);
  const done = code === "picture-not-movable" ? "moved" : "deleted";
  return new HeddleError(
    {
      code,
      message: `${name} could not be ${done}, because ${fileErrorReason(error)}.`,
      help: "Check that you may write into the folder with your pictures, then try again.",
      details: {
        file,
        name,
        reason: fileErrorCode(error),
        cause: fileErrorCause(error),
        why: fileErrorReason(error),
      },
    },
    { cause: error },
  );
}
