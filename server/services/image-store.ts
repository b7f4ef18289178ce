import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { ImageReference } from "../../graph/events.ts";
import type { ImageStore, PictureFacts } from "../../nodes/services.ts";

export const pictureMimeTypes: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
};

/** Sides of thumbnails that are made, in pixels: few, so that nobody can fill the disk by asking for every size. */
const THUMBNAIL_SIDES = [128, 256, 512, 1024];

/** Where a picture lies that was saved as an ordinary file, and how to tell that it is still the same. */
const savedFileSchema = z.object({ path: z.string(), size: z.number(), mtimeMs: z.number() });

interface StoredPicture {
  path: string;
  mimeType: string;
}

/** The image store as hosts see it. */
export interface LocalImageStore extends ImageStore {
  /** The file with that content, if there is one. */
  find(hash: string): Promise<StoredPicture | undefined>;
  /** A WebP of about `side` pixels on its longer side; `undefined` when there is no such picture, or a damaged one. */
  thumbnail(hash: string, side: number): Promise<StoredPicture | undefined>;
  /** Keeps a picture that somebody gave, for good: workflows name it. */
  keep(bytes: Uint8Array, facts: PictureFacts): Promise<ImageReference>;
  /**
   * Deletes the oldest of its own files until they take at most `budgetBytes`. Saved pictures and those that somebody gave
   * are never touched.
   */
  prune(budgetBytes: number): Promise<void>;
}

/**
 * Pictures by the SHA-256 of their file, in a folder: `ab/<hash>.png` for pictures kept here, `ab/<hash>.json` for where
 * a saved one lies, `inputs/<hash>.png` for pictures that somebody gave, `thumbnails/<hash>-256.webp`. `bundled` is a
 * folder of `<hash>.png` that comes with the program: the pictures that templates start from.
 */
export function createImageStore(folder: string, bundled?: string): LocalImageStore {
  const inputs = path.join(folder, "inputs");
  const thumbnails = path.join(folder, "thumbnails");
  const place = (hash: string, extension: string) => path.join(folder, hash.slice(0, 2), `${hash}.${extension}`);

  async function find(hash: string): Promise<StoredPicture | undefined> {
    if (!/^[0-9a-f]{64}$/.test(hash)) return undefined;
    for (const extension of ["png", "jpg", "webp"]) {
      const places = [place(hash, extension), path.join(inputs, `${hash}.${extension}`)];
      if (bundled !== undefined) places.push(path.join(bundled, `${hash}.${extension}`));
      for (const file of places) {
        if (await isFile(file)) return { path: file, mimeType: pictureMimeTypes[extension]! };
      }
    }
    const saved = await readFile(place(hash, "json"), "utf8").catch(() => undefined);
    const record = saved === undefined ? undefined : savedFileSchema.safeParse(parseJson(saved)).data;
    const found = record && (await stat(record.path).catch(() => undefined));
    if (!record || found?.size !== record.size || found.mtimeMs !== record.mtimeMs) return undefined;
    const mimeType = pictureMimeTypes[path.extname(record.path).slice(1).toLowerCase()];
    return mimeType ? { path: record.path, mimeType } : undefined;
  }

  return {
    find,

    async has(hash) {
      return (await find(hash)) !== undefined;
    },

    async read(hash) {
      const found = await find(hash);
      const bytes = found && (await readFile(found.path).catch(() => undefined));
      return bytes && sha256(bytes) === hash ? bytes : undefined;
    },

    async keep(bytes, facts) {
      const hash = sha256(bytes);
      const file = path.join(inputs, `${hash}.${extensionOf(facts)}`);
      if (!(await isFile(file))) await writeWhole(file, bytes);
      return reference(hash, facts);
    },

    async put(bytes, facts) {
      const hash = sha256(bytes);
      const file = place(hash, extensionOf(facts));
      if (!(await isFile(file))) await writeWhole(file, bytes);
      return reference(hash, facts);
    },

    async register(file, bytes, facts) {
      const hash = sha256(bytes);
      const { size, mtimeMs } = await stat(file);
      await writeWhole(place(hash, "json"), JSON.stringify({ path: file, size, mtimeMs }));
      return { ...reference(hash, facts), path: file };
    },

    async thumbnail(hash, side) {
      const picture = await find(hash);
      if (!picture) return undefined;
      const longer = THUMBNAIL_SIDES.find((offered) => offered >= side) ?? THUMBNAIL_SIDES.at(-1)!;
      const file = path.join(thumbnails, `${hash}-${longer}.webp`);
      if (!(await isFile(file))) {
        const options = { width: longer, height: longer, fit: "inside", withoutEnlargement: true } as const;
        // Loaded here: the studio starts without it.
        const { default: sharp } = await import("sharp");
        const thumbnail = sharp(picture.path).autoOrient().resize(options).webp({ quality: 82 }).toBuffer();
        const bytes = await thumbnail.catch(() => undefined);
        if (!bytes) return undefined;
        await writeWhole(file, bytes);
      }
      return { path: file, mimeType: "image/webp" };
    },

    async prune(budgetBytes) {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
      const listed = await Promise.all(
        entries
          .filter((entry) => entry.isFile() && entry.parentPath !== inputs)
          .map(async (entry) => {
            const file = path.join(entry.parentPath, entry.name);
            // Another process may be pruning too.
            const found = await stat(file).catch(() => undefined);
            return found && { file, size: found.size, mtimeMs: found.mtimeMs };
          }),
      );
      const files = listed.filter((found) => found !== undefined);
      let total = files.reduce((sum, { size }) => sum + size, 0);
      for (const { file, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
        if (total <= budgetBytes) return;
        await rm(file, { force: true });
        total -= size;
      }
    },
  };
}

function extensionOf({ mimeType }: PictureFacts): string {
  return Object.keys(pictureMimeTypes).find((key) => pictureMimeTypes[key] === mimeType) ?? "png";
}

function reference(hash: string, facts: PictureFacts): ImageReference {
  const { width, height, mimeType, seed, hasNsfwConcepts } = facts;
  return {
    ...{ hash, width, height, mimeType },
    ...(seed === undefined ? {} : { seed }),
    ...(hasNsfwConcepts === undefined ? {} : { hasNsfwConcepts }),
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Appears under its name only when complete. */
async function writeWhole(file: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, content).catch(async () => {
      // Its folder is there nearly always: of very many pictures each is one call quicker.
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(temporary, content);
    });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() === true;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
