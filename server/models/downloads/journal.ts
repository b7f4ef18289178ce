import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { modelKinds } from "../../../graph/definition.ts";
import { errorPayloadSchema } from "../../../graph/events.ts";
import { writeJsonFile } from "../../services/atomic-file.ts";

const range = z.tuple([z.int().min(0), z.int().min(0)]);

/** A download as it is written down, so that it goes on after a restart or a power cut. */
const journalSchema = z.object({
  version: z.literal(1),
  id: z.uuid(),
  kind: z.enum(modelKinds),
  /** Below the main models folder, with forward slashes. */
  name: z.string().regex(/^[^\\:\0]+$/),
  url: z.string(),
  repository: z.string().optional(),
  file: z.string().optional(),
  revision: z.string().optional(),
  licence: z.string().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  expectedSize: z.number().optional(),
  size: z.number().optional(),
  etag: z.string().optional(),
  done: z.array(range),
  /** `active` goes on by itself after a restart. */
  state: z.enum(["active", "paused", "failed"]),
  error: errorPayloadSchema.optional(),
  createdAt: z.number(),
});
export type JournalEntry = z.infer<typeof journalSchema>;

/** The unfinished downloads, one file each. */
export class DownloadJournal {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What cannot be read is left alone: it may be of a newer version. */
  load(): JournalEntry[] {
    let names: string[];
    try {
      names = readdirSync(this.#folder).filter((name) => /^[0-9a-f-]{36}\.json$/.test(name));
    } catch {
      return [];
    }
    return names
      .flatMap((name) => {
        try {
          const parsed = journalSchema.safeParse(JSON.parse(readFileSync(join(this.#folder, name), "utf8")));
          return parsed.success && isInside(parsed.data.name) ? [parsed.data] : [];
        } catch {
          return [];
        }
      })
      .sort((a, b) => a.createdAt - b.createdAt);
  }

  save(entry: JournalEntry): void {
    mkdirSync(this.#folder, { recursive: true });
    writeJsonFile(join(this.#folder, `${entry.id}.json`), entry);
  }

  remove(id: string): void {
    rmSync(join(this.#folder, `${id}.json`), { force: true });
  }
}

function isInside(name: string): boolean {
  return name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
