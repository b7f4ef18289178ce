import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { type ImageReference, imageReferenceSchema } from "../../graph/events.ts";
import type { RunResult } from "../../protocol/runs.ts";

/** As many as a window keeps of a workflow. */
const MOST_OF_ONE = 500;
/** Of all workflows together: years of work. */
const MOST = 50_000;
/** Counting them all is not worth it after each picture. */
const FORGET_EVERY = 500;

const rowSchema = z.object({ node: z.string(), run: z.string(), image: z.string() });

/**
 * Which pictures the nodes of each workflow made last in windows, in SQLite: what a workflow shows again when it is opened.
 * Pictures themselves lie elsewhere and may be gone.
 */
export class RunResults {
  readonly #database: DatabaseSync;
  #sinceForgotten = 0;

  /** @throws the database's error where the file cannot be used */
  constructor(file = ":memory:") {
    this.#database = new DatabaseSync(file);
    this.#database.exec(`
      PRAGMA busy_timeout = 5000;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS results (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        workflow TEXT NOT NULL,
        node TEXT NOT NULL,
        hash TEXT NOT NULL,
        run TEXT NOT NULL,
        image TEXT NOT NULL,
        UNIQUE (workflow, node, hash)
      ) STRICT;
    `);
    this.#forget();
  }

  /** What a node has shown: also what it had made before becomes its latest again. */
  add(
    workflow: string,
    { nodeId, runId, images }: { nodeId: string; runId: string; images: readonly ImageReference[] },
  ) {
    const insert = this.#database.prepare(
      "INSERT OR REPLACE INTO results (workflow, node, hash, run, image) VALUES (?, ?, ?, ?, ?)",
    );
    this.#database.exec("BEGIN");
    try {
      // The first picture of a batch stands before the others, as it does while they are made.
      for (const image of images.toReversed()) insert.run(workflow, nodeId, image.hash, runId, JSON.stringify(image));
      this.#database
        .prepare(
          `DELETE FROM results WHERE workflow = ? AND sequence <= (
             SELECT sequence FROM results WHERE workflow = ? ORDER BY sequence DESC LIMIT 1 OFFSET ${MOST_OF_ONE}
           )`,
        )
        .run(workflow, workflow);
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
    this.#sinceForgotten += images.length;
    if (this.#sinceForgotten >= FORGET_EVERY) this.#forget();
  }

  /** The latest first. */
  latest(workflow: string, limit: number): RunResult[] {
    const rows = this.#database
      .prepare("SELECT node, run, image FROM results WHERE workflow = ? ORDER BY sequence DESC LIMIT ?")
      .all(workflow, limit);
    return rows.flatMap((row) => {
      const { node, run, image } = rowSchema.parse(row);
      const { data } = imageReferenceSchema.safeParse(JSON.parse(image));
      return data ? [{ image: data, nodeId: node, runId: run }] : [];
    });
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #forget(): void {
    this.#sinceForgotten = 0;
    this.#database
      .prepare(
        `DELETE FROM results WHERE sequence <= (SELECT sequence FROM results ORDER BY sequence DESC LIMIT 1 OFFSET ${MOST})`,
      )
      .run();
  }
}
