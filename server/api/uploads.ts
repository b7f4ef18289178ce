import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { link, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { HeddleError } from "../../common/errors.ts";

const recordSchema = z.object({ contentType: z.string(), name: z.string() });

export interface Upload {
  /** Absolute path of the content. */
  path: string;
  /** As the client said; nothing is known of the content. */
  contentType: string;
  name: string;
}

export interface UploadLimits {
  /** Of one upload. */
  maxBytes: number;
  /** Of all together. */
  totalBytes: number;
  keepMs: number;
}

const DEFAULT_LIMITS: UploadLimits = { maxBytes: 128 * 2 ** 20, totalBytes: 4 * 2 ** 30, keepMs: 24 * 3_600_000 };
const MAX_PARTS = 100;
const SWEEP_EVERY_MS = 600_000;
/** 192 random bits, or a UUID. */
const idPattern = /^(?:[0-9a-f]{48}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * Files that clients send ahead of their requests. A name on disk is made of random bits, never of anything that a client said;
 * whoever knows it may write it once, and read it for a day.
 */
export class Uploads {
  readonly #folder: string;
  readonly #limits: UploadLimits;
  readonly #timer: NodeJS.Timeout;
  /** Bytes that were ever written here: uploads that come at the same time see each other's. */
  #written = 0;

  constructor(folder: string, limits: Partial<UploadLimits> = {}) {
    this.#folder = folder;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#timer = setInterval(() => void this.sweep().catch(() => {}), SWEEP_EVERY_MS).unref();
  }

  /** @returns the id of a place to write to */
  async create({ contentType, name }: { contentType: string; name: string }): Promise<string> {
    const id = randomBytes(24).toString("hex");
    await mkdir(this.#folder, { recursive: true });
    await writeFile(this.#file(id, "json"), JSON.stringify({ contentType, name: safeName(name) }), { flag: "wx" });
    return id;
  }

  /** Keeps a copy of a file under a UUID. */
  async adopt(id: string, { path: file, contentType, name }: Upload): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeFile(this.#file(id, "json"), JSON.stringify({ contentType, name: safeName(name) }), { flag: "wx" });
    await this.#store(this.#file(id, "bin"), createReadStream(file), this.#limits.maxBytes);
  }

  /** @throws HeddleError `upload-not-found`, `upload-too-large`, `upload-space` */
  async write(id: string, content: ReadableStream<Uint8Array> | null): Promise<void> {
    await this.#expectPlace(id);
    await this.#store(this.#file(id, "bin"), streamOf(content), this.#limits.maxBytes);
  }

  /** One part of an upload, counted from 1. */
  async writePart(id: string, part: number, content: ReadableStream<Uint8Array> | null): Promise<void> {
    await this.#expectPlace(id);
    if (!Number.isInteger(part) || part < 1 || part > MAX_PARTS) throw notFound();
    const file = this.#file(id, `part${part}`);
    // A part that did not arrive whole is sent again.
    await rm(file, { force: true });
    await this.#store(file, streamOf(content), this.#limits.maxBytes);
  }

  /** Puts the parts 1 to `count` together. */
  async complete(id: string, count: number): Promise<void> {
    await this.#expectPlace(id);
    if (!Number.isInteger(count) || count < 1 || count > MAX_PARTS) throw notFound();
    const parts = Array.from({ length: count }, (_, index) => this.#file(id, `part${index + 1}`));
    const sizes = await Promise.all(parts.map(async (part) => (await stat(part).catch(() => undefined))?.size));
    if (sizes.includes(undefined)) throw notFound();
    if (sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) > this.#limits.maxBytes) throw this.#tooLarge();
    const whole = async function* () {
      for (const part of parts) yield* createReadStream(part, { highWaterMark: 2 ** 20 });
    };
    await this.#store(this.#file(id, "bin"), Readable.from(whole(), { objectMode: false }), this.#limits.maxBytes);
    await Promise.all(parts.map((part) => rm(part, { force: true })));
  }

  /** `undefined` when there is no such upload, when it is not complete, or when it is too old. */
  async find(id: string): Promise<Upload | undefined> {
    if (!idPattern.test(id)) return undefined;
    const file = this.#file(id, "bin");
    const found = await stat(file).catch(() => undefined);
    if (!found || found.mtimeMs < Date.now() - this.#limits.keepMs) return undefined;
    const record = recordSchema.safeParse(JSON.parse(await readFile(this.#file(id, "json"), "utf8")));
    return record.success ? { path: file, ...record.data } : undefined;
  }

  /** Deletes what is too old. */
  async sweep(): Promise<void> {
    for (const { file, mtimeMs } of await this.#files()) {
      if (mtimeMs < Date.now() - this.#limits.keepMs) await rm(file, { force: true });
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** @throws HeddleError `upload-not-found` when somebody else has written the file meanwhile */
  async #store(file: string, content: Readable, maxBytes: number): Promise<void> {
    const temporary = `${file}.${randomBytes(4).toString("hex")}.tmp`;
    try {
      const before = this.#written;
      const taken = (await this.#files()).reduce((sum, { size }) => sum + size, 0);
      let size = 0;
      const limit = new Transform({
        transform: (chunk: Buffer, _encoding, done) => {
          size += chunk.length;
          this.#written += chunk.length;
          if (size > maxBytes) return done(this.#tooLarge());
          done(taken + this.#written - before > this.#limits.totalBytes ? noSpace() : null, chunk);
        },
      });
      await pipeline(content, limit, createWriteStream(temporary, { flags: "wx" }));
      await link(temporary, file).catch((error: unknown) => {
        throw error instanceof Error && "code" in error && error.code === "EEXIST" ? notFound() : error;
      });
    } finally {
      content.destroy();
      await rm(temporary, { force: true });
    }
  }

  async #files(): Promise<{ file: string; size: number; mtimeMs: number }[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const files = await Promise.all(
      names.map(async (name) => {
        const file = path.join(this.#folder, name);
        const found = await stat(file).catch(() => undefined);
        return found ? [{ file, size: found.size, mtimeMs: found.mtimeMs }] : [];
      }),
    );
    return files.flat();
  }

  async #expectPlace(id: string): Promise<void> {
    const isPlace = idPattern.test(id) && (await stat(this.#file(id, "json")).catch(() => undefined))?.isFile();
    const isWritten = isPlace && (await stat(this.#file(id, "bin")).catch(() => undefined));
    if (!isPlace || isWritten) throw notFound();
  }

  #file(id: string, extension: string): string {
    return path.join(this.#folder, `${id}.${extension}`);
  }

  #tooLarge(): HeddleError {
    return new HeddleError({
      code: "upload-too-large",
      message: `An upload may have ${Math.round(this.#limits.maxBytes / 2 ** 20)} MiB at most.`,
      help: "Send a smaller file.",
      details: { maxBytes: this.#limits.maxBytes },
    });
  }
}

function streamOf(content: ReadableStream<Uint8Array> | null): Readable {
  return content ? Readable.fromWeb(content as Parameters<typeof Readable.fromWeb>[0]) : Readable.from([]);
}

/** What stands in addresses and headers: a plain file name. */
function safeName(name: string): string {
  const plain = name
    .split(/[\\/]/)
    .at(-1)!
    .replace(/[^\w.-]+/g, "_")
    .replace(/^\.+/, "")
    .slice(-100);
  return plain || "file";
}

function notFound(): HeddleError {
  return new HeddleError({
    code: "upload-not-found",
    message: "There is no such upload, or it is complete already.",
    help: "Start a new upload.",
  });
}

function noSpace(): HeddleError {
  return new HeddleError({
    code: "upload-space",
    message: "There is no room for more uploads at present.",
    help: "Try again later: uploads are deleted after a day.",
  });
}
