import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { ModelKind } from "../../graph/definition.ts";
import { type ModelFacts, modelFactsSchema } from "../../protocol/models.ts";

/** Where a file came from, as far as is known. */
export const modelOriginSchema = z.object({
  repository: z.string().optional(),
  file: z.string().optional(),
  revision: z.string().optional(),
  url: z.string().optional(),
  licence: z.string().optional(),
});
export type ModelOrigin = z.infer<typeof modelOriginSchema>;

/** A file in the state in which it was looked at: another size or modification time is another file. */
export interface FileState {
  /** Real path. */
  path: string;
  size: number;
  modifiedMs: number;
}

const rowSchema = z.object({
  sha256: z.string().nullable(),
  origin: z.string().nullable(),
});

/**
 * What is known of model files: hashes and facts that take long to find out, when each was last used, where it came from.
 * In SQLite, since the host and the engine process (and `heddle run`) write at the same time. Safe to delete.
 */
export class ModelDatabase {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true });
    this.#database = new DatabaseSync(file, { timeout: 5_000 });
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS files (
        path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified REAL NOT NULL,
        sha256 TEXT, origin TEXT
      ) STRICT;
      CREATE TABLE IF NOT EXISTS facts (
        path TEXT NOT NULL, kind TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL, facts TEXT NOT NULL,
        PRIMARY KEY (path, kind)
      ) STRICT;
      CREATE TABLE IF NOT EXISTS uses (path TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;
    `);
  }

  close(): void {
    this.#database.close();
  }

  sha256(file: FileState): string | undefined {
    return this.#row(file)?.sha256 ?? undefined;
  }

  /** What the file tells when it is read as such a model: in a folder that is used for two kinds, each has its own. */
  facts({ path, size, modifiedMs }: FileState, kind: ModelKind): ModelFacts | undefined {
    const row = this.#database
      .prepare("SELECT facts FROM facts WHERE path = ? AND kind = ? AND size = ? AND modified = ?")
      .get(path, kind, size, modifiedMs);
    return typeof row?.facts === "string" ? parsed(modelFactsSchema, row.facts) : undefined;
  }

  rememberFacts({ path, size, modifiedMs }: FileState, kind: ModelKind, facts: ModelFacts): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO facts (path, kind, size, modified, facts) VALUES (?, ?, ?, ?, ?)")
      .run(path, kind, size, modifiedMs, JSON.stringify(facts));
  }

  origin(file: FileState): ModelOrigin | undefined {
    return parsed(modelOriginSchema, this.#row(file)?.origin);
  }

  remember(file: FileState, known: { sha256?: string; origin?: ModelOrigin }): void {
    const { path, size, modifiedMs } = file;
    const values = [known.sha256, known.origin && JSON.stringify(known.origin)];
    // What was known of an earlier content of that path is forgotten.
    this.#database
      .prepare(`
        INSERT INTO files (path, size, modified, sha256, origin) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (path) DO UPDATE SET
          sha256 = CASE WHEN size = excluded.size AND modified = excluded.modified
            THEN coalesce(excluded.sha256, sha256) ELSE excluded.sha256 END,
          origin = CASE WHEN size = excluded.size AND modified = excluded.modified
            THEN coalesce(excluded.origin, origin) ELSE excluded.origin END,
          size = excluded.size, modified = excluded.modified
      `)
      .run(path, size, modifiedMs, ...values.map((value) => value ?? null));
  }

  /** @param real path of a file or a folder */
  noteUse(real: string, at = Date.now()): void {
    try {
      this.#database
        .prepare("INSERT INTO uses (path, at) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET at = excluded.at")
        .run(real, at);
    } catch {
      // Another process holds the file; no run may fail for a date.
    }
  }

  /** In milliseconds since 1970. */
  lastUse(real: string): number | undefined {
    const row = this.#database.prepare("SELECT at FROM uses WHERE path = ?").get(real);
    return typeof row?.at === "number" ? row.at : undefined;
  }

  #row({ path, size, modifiedMs }: FileState): z.infer<typeof rowSchema> | undefined {
    const row = this.#database
      .prepare("SELECT sha256, origin FROM files WHERE path = ? AND size = ? AND modified = ?")
      .get(path, size, modifiedMs);
    return rowSchema.safeParse(row).data;
  }
}

/** The database of a home folder; where that cannot be written to, one that is forgotten afterwards. */
export function openModelDatabase(home: string): ModelDatabase {
  try {
    return new ModelDatabase(join(home, "models.db"));
  } catch {
    return new ModelDatabase(":memory:");
  }
}

function parsed<T>(schema: z.ZodType<T>, json: string | null | undefined): T | undefined {
  if (json === null || json === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}
