import { DatabaseSync, type StatementSync } from "node:sqlite";
import { z } from "zod";
import type { JsonValue, WorkflowDocument } from "../../graph/document.ts";
import { workflowDocumentSchema } from "../../graph/document.ts";
import { logLineSchema } from "../../protocol/run-log.ts";
import {
  type Delivery,
  type DeliveryOrder,
  deliveryKinds,
  type Job,
  type JobOrigin,
  type JobOutcome,
  type JobState,
  jobOrigins,
  jobOutcomeSchema,
  jobStates,
  type LogLine,
} from "./job.ts";

/**
 * `synchronous = NORMAL` with a write-ahead log: what was committed survives the death of this process, at a twentieth of
 * the price of surviving a power cut too. Moving the log into the file waits for the disk, often for half a second: that is
 * left to quiet moments ({@link JobStore.settle}) up to 64 MiB of log. One process at a time holds the file.
 */
const SCHEMA = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 16384;
  CREATE TABLE IF NOT EXISTS jobs (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    origin TEXT NOT NULL,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    order_group TEXT,
    facts TEXT NOT NULL,
    request TEXT,
    timeout_ms INTEGER,
    start_before INTEGER,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    crashes INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    rank REAL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS jobs_by_group ON jobs (order_group) WHERE order_group IS NOT NULL;
  CREATE INDEX IF NOT EXISTS jobs_by_end ON jobs (finished_at) WHERE finished_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS log_lines (
    job INTEGER NOT NULL REFERENCES jobs (sequence) ON DELETE CASCADE,
    time INTEGER NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    fact TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS log_by_job ON log_lines (job);
  CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY,
    job INTEGER NOT NULL REFERENCES jobs (sequence) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS deliveries_by_job ON deliveries (job);
  CREATE INDEX IF NOT EXISTS deliveries_by_time ON deliveries (due_at) WHERE due_at IS NOT NULL;
  PRAGMA foreign_keys = ON;
`;

const rowSchema = z.object({
  id: z.string(),
  origin: z.enum(jobOrigins),
  state: z.enum(jobStates),
  priority: z.int(),
  order_group: z.string().nullable(),
  facts: z.string(),
  created_at: z.int(),
  started_at: z.int().nullable(),
  finished_at: z.int().nullable(),
  outcome: z.string().nullable(),
});

const requestSchema = z.object({ document: workflowDocumentSchema, targets: z.array(z.string()).optional() });
const logRowSchema = z.object({
  time: z.int(),
  level: z.enum(["info", "warn", "error"]),
  message: z.string(),
  fact: z.string().nullable(),
});

const waitingSchema = z.object({
  id: z.string(),
  rank: z.number(),
  priority: z.int(),
  start_before: z.int().nullable(),
});
const WAITING = "id, coalesce(rank, sequence) AS rank, priority, start_before";

const begunSchema = z.object({
  origin: z.enum(jobOrigins),
  request: z.string(),
  timeout_ms: z.int().nullable(),
});

const deliverySchema = z.object({
  id: z.int(),
  jobId: z.string(),
  kind: z.enum(deliveryKinds),
  url: z.string(),
  attempts: z.int(),
});

/** A job's place in the queue. */
export interface WaitingJob {
  id: string;
  /** In order of arrival, unless it was moved. */
  rank: number;
  priority: number;
  /** When it is too late to start it, in ms since 1970. */
  startBefore: number | undefined;
}

interface BegunJob {
  origin: JobOrigin;
  document: WorkflowDocument;
  targets: string[] | undefined;
  timeoutMs?: number;
}

export interface NewJob {
  id: string;
  origin: JobOrigin;
  priority: number;
  group: string | undefined;
  facts: JsonValue;
  document: WorkflowDocument;
  targets: string[] | undefined;
  timeoutMs: number | undefined;
  startBefore: number | undefined;
  deliveries: readonly DeliveryOrder[];
  createdAt: number;
}

/** Every job there is, on disk (or in memory, with the path `:memory:`). Each method is one transaction. */
export class JobStore {
  readonly #database: DatabaseSync;
  readonly #unwrittenLines: (LogLine & { id: string })[] = [];
  readonly #statements = new Map<string, StatementSync>();
  #settledAt = 0;

  /** @throws Error when another process holds the file. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    try {
      this.#database.exec(SCHEMA);
      this.#addColumn("jobs", "rank REAL");
      this.#addColumn("log_lines", "fact TEXT");
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Files of an earlier version know no order but that of arrival, and of log lines only what they say in English. */
  #addColumn(table: string, column: string): void {
    const columns = this.#database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all();
    if (columns.some(({ name }) => name === column.split(" ")[0])) return;
    this.#database.exec(`ALTER TABLE ${table} ADD COLUMN ${column}`);
  }

  /** All of them, or none when it throws. */
  add(jobs: readonly NewJob[]): WaitingJob[] {
    const [only] = jobs;
    if (only && jobs.length === 1 && only.deliveries.length === 0) return [this.#insert(only)];
    return this.#atOnce(() => jobs.map((job) => this.#insert(job)));
  }

  #insert(job: NewJob): WaitingJob {
    const { lastInsertRowid } = this.#statement(
      `INSERT INTO jobs (id, origin, state, priority, order_group, facts, request, timeout_ms, start_before, created_at)
       VALUES (?, ?, 'waiting', ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      job.id,
      job.origin,
      job.priority,
      job.group ?? null,
      JSON.stringify(job.facts),
      JSON.stringify({ document: job.document, ...(job.targets ? { targets: job.targets } : {}) }),
      job.timeoutMs ?? null,
      job.startBefore ?? null,
      job.createdAt,
    );
    for (const { kind, url } of job.deliveries) {
      this.#statement("INSERT INTO deliveries (job, kind, url) VALUES (?, ?, ?)").run(lastInsertRowid, kind, url);
    }
    return { id: job.id, rank: Number(lastInsertRowid), priority: job.priority, startBefore: job.startBefore };
  }

  find(id: string): Job | undefined {
    const row = this.#statement("SELECT * FROM jobs WHERE id = ?").get(id);
    return row && toJob(row);
  }

  /** The jobs of one order, in order of arrival. */
  ofGroup(group: string): Job[] {
    return this.#statement("SELECT * FROM jobs WHERE order_group = ? ORDER BY sequence").all(group).map(toJob);
  }

  /** What waits or runs, in order of arrival. */
  unfinished(): Job[] {
    return this.#statement("SELECT * FROM jobs WHERE state IN ('waiting', 'running') ORDER BY sequence")
      .all()
      .map(toJob);
  }

  /** What ended, the latest first. */
  finished(limit: number): Job[] {
    return this.#statement(
      "SELECT * FROM jobs WHERE finished_at IS NOT NULL ORDER BY finished_at DESC, sequence DESC LIMIT ?",
    )
      .all(limit)
      .map(toJob);
  }

  /** Gives a waiting job another place in the queue. */
  place(id: string, { priority, rank }: Pick<WaitingJob, "priority" | "rank">): void {
    this.#statement("UPDATE jobs SET priority = ?, rank = ? WHERE id = ?").run(priority, rank, id);
  }

  /** Marks a job as running, and gives what to run. */
  begin(id: string, now: number): BegunJob {
    const row = this.#statement(
      "UPDATE jobs SET state = 'running', started_at = ? WHERE id = ? RETURNING origin, request, timeout_ms",
    ).get(now, id);
    const { origin, request, timeout_ms } = begunSchema.parse(row);
    const { document, targets } = requestSchema.parse(JSON.parse(request));
    return { origin, document, targets, ...(timeout_ms === null ? {} : { timeoutMs: timeout_ms }) };
  }

  /** A finished job needs its workflow no more, and what is to be told of it is due. */
  finish(id: string, state: JobState, outcome: JobOutcome, now: number): void {
    this.#atOnce(() => {
      this.#writeLines();
      this.#statement("UPDATE jobs SET state = ?, outcome = ?, finished_at = ?, request = NULL WHERE id = ?").run(
        state,
        JSON.stringify(outcome),
        now,
        id,
      );
      this.#statement("UPDATE deliveries SET due_at = ? WHERE job = (SELECT sequence FROM jobs WHERE id = ?)").run(
        now,
        id,
      );
    });
  }

  dueDeliveries(now: number, limit: number): Delivery[] {
    const rows = this.#statement(
      `SELECT deliveries.id, jobs.id AS jobId, kind, url, attempts FROM deliveries JOIN jobs ON jobs.sequence = job
       WHERE due_at <= ? ORDER BY due_at LIMIT ?`,
    ).all(now, limit);
    return rows.map((row) => deliverySchema.parse(row));
  }

  /** @param nextAt when it is tried again, in ms since 1970; never when absent */
  tried(id: number, nextAt?: number): void {
    if (nextAt === undefined) this.#statement("DELETE FROM deliveries WHERE id = ?").run(id);
    else this.#statement("UPDATE deliveries SET attempts = attempts + 1, due_at = ? WHERE id = ?").run(nextAt, id);
  }

  /** Puts a running job back to where it was in the queue. `crashed`: its engine ended under it. */
  putBack(id: string, { crashed }: { crashed: boolean }): { waiting: WaitingJob; crashes: number } {
    const row = this.#statement(
      `UPDATE jobs SET state = 'waiting', started_at = NULL, crashes = crashes + ? WHERE id = ?
       RETURNING ${WAITING}, crashes`,
    ).get(crashed ? 1 : 0, id);
    const parsed = waitingSchema.extend({ crashes: z.int() }).parse(row);
    return { waiting: toWaiting(parsed), crashes: parsed.crashes };
  }

  /**
   * After the host's restart: jobs that ran or waited wait (again), those of windows are forgotten, since the windows that
   * asked for them are gone.
   * @returns what waits
   */
  recover(): WaitingJob[] {
    this.#database.exec(`
      BEGIN;
      DELETE FROM jobs WHERE origin = 'studio' AND state IN ('waiting', 'running');
      UPDATE jobs SET state = 'waiting', started_at = NULL WHERE state = 'running';
      COMMIT;
    `);
    const rows = this.#statement(
      `SELECT ${WAITING} FROM jobs WHERE state = 'waiting' ORDER BY coalesce(rank, sequence)`,
    ).all();
    return rows.map((row) => toWaiting(waitingSchema.parse(row)));
  }

  /** Lines are written together, at the next {@link flush} or when somebody asks: there may be hundreds in a second. */
  addLogLine(id: string, line: LogLine): void {
    this.#unwrittenLines.push({ id, ...line });
  }

  /** Writes what was only noted so far. */
  flush(): void {
    if (this.#unwrittenLines.length > 0) this.#atOnce(() => this.#writeLines());
  }

  /** For moments in which nobody waits: brings the file itself up to date. */
  settle(): void {
    const changes = this.#changes();
    if (changes === this.#settledAt) return;
    this.#database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    this.#settledAt = changes;
  }

  #changes(): number {
    const row = this.#statement("SELECT total_changes() AS changes").get();
    return z.object({ changes: z.int() }).parse(row).changes;
  }

  #writeLines(): void {
    const insert = this.#statement(
      "INSERT INTO log_lines (job, time, level, message, fact) SELECT sequence, ?, ?, ?, ? FROM jobs WHERE id = ?",
    );
    for (const { id, time, level, message, fact } of this.#unwrittenLines.splice(0))
      insert.run(time, level, message, fact ? JSON.stringify(fact) : null, id);
  }

  log(id: string): LogLine[] {
    this.flush();
    return this.#statement(
      `SELECT time, level, message, fact FROM log_lines
       WHERE job = (SELECT sequence FROM jobs WHERE id = ?) ORDER BY log_lines.rowid`,
    )
      .all(id)
      .map((row) => toLine(logRowSchema.parse(row)));
  }

  /** Number of jobs by state. */
  counts(): Record<JobState, number> {
    const counts: Record<JobState, number> = { waiting: 0, running: 0, done: 0, failed: 0, cancelled: 0 };
    for (const row of this.#statement("SELECT state, count(*) AS jobs FROM jobs GROUP BY state").all()) {
      const { state, jobs } = z.object({ state: z.enum(jobStates), jobs: z.int() }).parse(row);
      counts[state] = jobs;
    }
    return counts;
  }

  /** Forgets jobs that finished before `time`. */
  forgetBefore(time: number): void {
    this.#statement("DELETE FROM jobs WHERE finished_at < ?").run(time);
  }

  close(): void {
    this.flush();
    this.#database.close();
  }

  #atOnce<T>(work: () => T): T {
    this.#database.exec("BEGIN");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #statement(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function toJob(row: unknown): Job {
  const { order_group, facts, created_at, started_at, finished_at, outcome, ...same } = rowSchema.parse(row);
  return {
    ...same,
    group: order_group ?? undefined,
    facts: z.json().parse(JSON.parse(facts)) as JsonValue,
    createdAt: created_at,
    startedAt: started_at ?? undefined,
    finishedAt: finished_at ?? undefined,
    outcome: outcome === null ? undefined : jobOutcomeSchema.parse(JSON.parse(outcome)),
  };
}

/** A fact that a later Heddle wrote in another form is left away: the line says in English what it says. */
function toLine({ fact, ...line }: z.infer<typeof logRowSchema>): LogLine {
  const whole = fact === null ? undefined : logLineSchema.safeParse({ ...line, fact: JSON.parse(fact) }).data;
  return whole ?? line;
}

function toWaiting({ id, rank, priority, start_before }: z.infer<typeof waitingSchema>): WaitingJob {
  return { id, rank, priority, startBefore: start_before ?? undefined };
}
