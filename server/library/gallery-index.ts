import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { z } from "zod";
import type { GalleryFacet, GalleryPicture, GalleryQuery, PictureDetails } from "../../protocol/gallery.ts";
import type { PictureFacts } from "./picture-facts.ts";

/** A file of the output folder as it was when it was read. */
export interface IndexedFile {
  /** Absolute. */
  path: string;
  size: number;
  mtimeMs: number;
}

export interface IndexedPicture extends IndexedFile, PictureFacts {
  /** The path below the output folder; of one in the trash the path that it had. It is what people search by. */
  place: string;
  hash: string;
  width: number;
  height: number;
  mimeType: string;
  trashed: boolean;
}

/** Raised whenever the columns or what is read from files change: an older index is made anew. */
const INDEX_VERSION = 2;

/** What can be read from the files again; the file may be deleted at any time. */
const INDEX_SCHEMA = `
  CREATE TABLE IF NOT EXISTS pictures (
    path TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime REAL NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    mime_type TEXT NOT NULL,
    seed TEXT,
    prompt TEXT NOT NULL,
    negative_prompt TEXT NOT NULL,
    models TEXT NOT NULL,
    loras TEXT NOT NULL,
    words TEXT NOT NULL,
    trashed INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS pictures_by_hash ON pictures (hash);
  CREATE INDEX IF NOT EXISTS pictures_by_time ON pictures (trashed, mtime DESC);
  CREATE TABLE IF NOT EXISTS unreadable (path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime REAL NOT NULL) STRICT;
`;
/** What people said about pictures, by content: files may move. In a file of its own, which nothing can make again. */
const MARKS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS marks.marks (
    hash TEXT PRIMARY KEY,
    favourite INTEGER NOT NULL DEFAULT 0,
    rating INTEGER NOT NULL DEFAULT 0
  ) STRICT;
`;

const rowSchema = z.object({
  path: z.string(),
  hash: z.string(),
  mtime: z.number(),
  width: z.int(),
  height: z.int(),
  mime_type: z.string(),
  seed: z.string().nullable(),
  favourite: z.int(),
  rating: z.int(),
});
const fileRowSchema = z.object({ path: z.string(), size: z.int(), mtime: z.number() });
const namesSchema = z.array(z.string());

/**
 * What the gallery finds pictures by, in SQLite. One picture has one hash, and possibly several files.
 * @param folder where `gallery-index.db` and `gallery-marks.db` lie; in memory without it
 */
export class GalleryIndex {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(folder?: string) {
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
    this.#db = openIndex(folder === undefined ? ":memory:" : `${folder}/gallery-index.db`);
    this.#db
      .prepare("ATTACH DATABASE ? AS marks")
      .run(folder === undefined ? ":memory:" : `${folder}/gallery-marks.db`);
    this.#db.exec(MARKS_SCHEMA);
  }

  /** Every file that was looked at, readable or not, by its path. */
  files(): Map<string, IndexedFile> {
    const rows = this.#prepare(
      "SELECT path, size, mtime FROM pictures UNION ALL SELECT path, size, mtime FROM unreadable",
    ).all();
    return new Map(
      rows.map((row) => {
        const { path, size, mtime } = fileRowSchema.parse(row);
        return [path, { path, size, mtimeMs: mtime }];
      }),
    );
  }

  put(picture: IndexedPicture): void {
    const { path, place, prompt, seed, models, loras } = picture;
    const words = folded([prompt, place, seed ?? "", ...models, ...loras].join("\n"));
    this.#prepare("DELETE FROM unreadable WHERE path = ?").run(path);
    this.#prepare(`INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`).run(
      path,
      picture.hash,
      picture.size,
      picture.mtimeMs,
      picture.width,
      picture.height,
      picture.mimeType,
      seed ?? null,
      prompt,
      picture.negativePrompt,
      JSON.stringify(models),
      JSON.stringify(loras),
      words,
      Number(picture.trashed),
    );
  }

  /** A file that is no picture, whatever its name says: it is not read again until it changes. */
  putUnreadable({ path, size, mtimeMs }: IndexedFile): void {
    this.#prepare("DELETE FROM pictures WHERE path = ?").run(path);
    this.#prepare("INSERT OR REPLACE INTO unreadable VALUES (?, ?, ?)").run(path, size, mtimeMs);
  }

  remove(paths: Iterable<string>): void {
    this.transaction(() => {
      for (const path of paths) {
        this.#prepare("DELETE FROM pictures WHERE path = ?").run(path);
        this.#prepare("DELETE FROM unreadable WHERE path = ?").run(path);
      }
    });
  }

  /** The files with that content. */
  pathsOf(hash: string, trashed: boolean): string[] {
    return this.#prepare("SELECT path FROM pictures WHERE hash = ? AND trashed = ?")
      .all(hash, Number(trashed))
      .map((row) => z.object({ path: z.string() }).parse(row).path);
  }

  trashedHashes(): string[] {
    return this.#prepare("SELECT DISTINCT hash FROM pictures WHERE trashed = 1")
      .all()
      .map((row) => z.object({ hash: z.string() }).parse(row).hash);
  }

  search(query: GalleryQuery): { total: number; pictures: GalleryPicture[] } {
    const { where, values } = conditionsOf(query);
    const from = `FROM pictures p LEFT JOIN marks.marks m ON m.hash = p.hash WHERE ${where}`;
    const counted = this.#prepare(`SELECT count(DISTINCT p.hash) AS total ${from}`).get(...values);
    // Of several files with the same content the newest stands for all: SQLite takes the other columns from its row.
    const rows = this.#prepare(
      `SELECT p.path, p.hash, max(p.mtime) AS mtime, p.width, p.height, p.mime_type, p.seed,
        coalesce(m.favourite, 0) AS favourite, coalesce(m.rating, 0) AS rating
      ${from} GROUP BY p.hash ORDER BY ${ORDERS[query.order]}, p.path LIMIT ?`,
    ).all(...values, query.limit);
    return {
      total: z.object({ total: z.int() }).parse(counted).total,
      pictures: rows.map((row) => pictureOf(rowSchema.parse(row))),
    };
  }

  facets(): { models: GalleryFacet[]; loras: GalleryFacet[] } {
    const count = (column: "models" | "loras") =>
      this.#prepare(
        `SELECT each.value AS name, count(DISTINCT p.hash) AS count FROM pictures p, json_each(p.${column}) AS each
        WHERE p.trashed = 0 GROUP BY each.value ORDER BY count DESC, name`,
      )
        .all()
        .map((row) => z.object({ name: z.string(), count: z.int() }).parse(row));
    return { models: count("models"), loras: count("loras") };
  }

  details(hash: string): PictureDetails | undefined {
    const row = this.#prepare(
      "SELECT prompt, negative_prompt, models, loras, size FROM pictures WHERE hash = ? ORDER BY mtime DESC",
    ).get(hash);
    if (!row) return undefined;
    return {
      prompt: z.string().parse(row.prompt),
      negativePrompt: z.string().parse(row.negative_prompt),
      models: namesSchema.parse(JSON.parse(z.string().parse(row.models))),
      loras: namesSchema.parse(JSON.parse(z.string().parse(row.loras))),
      sizeBytes: z.int().parse(row.size),
    };
  }

  mark(hashes: readonly string[], { favourite, rating }: { favourite?: boolean; rating?: number }): number {
    this.transaction(() => {
      for (const hash of hashes) {
        this.#prepare("INSERT OR IGNORE INTO marks.marks (hash) VALUES (?)").run(hash);
        if (favourite !== undefined) {
          this.#prepare("UPDATE marks.marks SET favourite = ? WHERE hash = ?").run(Number(favourite), hash);
        }
        if (rating !== undefined) {
          this.#prepare("UPDATE marks.marks SET rating = ? WHERE hash = ?").run(rating, hash);
        }
      }
    });
    return hashes.length;
  }

  transaction(work: () => void): void {
    this.#db.exec("BEGIN");
    try {
      work();
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }
}

const ORDERS = {
  newest: "max(p.mtime) DESC",
  oldest: "max(p.mtime) ASC",
  rating: "rating DESC, favourite DESC, max(p.mtime) DESC",
} as const;

function conditionsOf(query: GalleryQuery): { where: string; values: SQLInputValue[] } {
  const conditions = ["p.trashed = ?"];
  const values: SQLInputValue[] = [Number(query.trash)];
  const add = (condition: string, ...more: SQLInputValue[]) => {
    conditions.push(condition);
    values.push(...more);
  };
  for (const word of wordsOf(query.words)) add("instr(p.words, ?) > 0", folded(word));
  if (query.model !== undefined) add("EXISTS (SELECT 1 FROM json_each(p.models) WHERE value = ?)", query.model);
  if (query.lora !== undefined) add("EXISTS (SELECT 1 FROM json_each(p.loras) WHERE value = ?)", query.lora);
  if (query.from !== undefined) add("p.mtime >= ?", startOfDay(query.from));
  if (query.to !== undefined) add("p.mtime < ?", startOfDay(query.to, 1));
  if (query.favourites) add("m.favourite = 1");
  if (query.rating > 0) add("m.rating >= ?", query.rating);
  return { where: conditions.join(" AND "), values };
}

/**
 * Lower case as JavaScript knows it: SQLite knows that of ASCII only. Some systems write é into names of files as two
 * characters, keyboards write it as one.
 */
const folded = (text: string): string => text.normalize("NFC").toLowerCase();

/** What stands between spaces, and as a whole what stands in quotes; the last ones may not be closed yet. */
function wordsOf(typed: string): string[] {
  const found = typed.matchAll(/(?<=^|\s)["“”„](.*?)(?:["“”](?=\s|$)|$)|\S+/gsu);
  return [...found].map(([word, phrase]) => phrase?.trim() ?? word).filter(Boolean);
}

/** Midnight that begins an ISO day, in the time zone of this machine; `later` days on. */
function startOfDay(day: string, later = 0): number {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).getTime();
}

function pictureOf(row: z.infer<typeof rowSchema>): GalleryPicture {
  return {
    hash: row.hash,
    width: row.width,
    height: row.height,
    mimeType: row.mime_type,
    path: row.path,
    createdAt: row.mtime,
    favourite: row.favourite === 1,
    rating: row.rating,
    ...(row.seed === null ? {} : { seed: row.seed }),
  };
}

/**
 * An index that cannot be read, or is of another version, is made anew.
 * @throws the database's error where that cannot be done either
 */
function openIndex(file: string, isAnew = file === ":memory:"): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file);
    db.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    const version = z.object({ user_version: z.int() }).parse(db.prepare("PRAGMA user_version").get()).user_version;
    if (version === 0 || version === INDEX_VERSION) {
      db.exec(`PRAGMA user_version = ${INDEX_VERSION}; ${INDEX_SCHEMA}`);
      return db;
    }
    db.close();
  } catch (error) {
    if (db?.isOpen) db.close();
    if (isAnew) throw error;
  }
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
  mkdirSync(dirname(file), { recursive: true });
  return openIndex(file, true);
}
