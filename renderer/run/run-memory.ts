import { z } from "zod";
import { imageReferenceSchema } from "../../graph/events.ts";
import type { Result } from "./run-state.ts";

/** What a tab knows about its runs across a reload or a restart: which are its own, and the pictures it made. */
export interface Remembered {
  readonly own: readonly string[];
  readonly results: readonly Result[];
}

export interface RunMemory {
  read(): Remembered;
  write(remembered: Remembered): void;
}

const NOTHING: Remembered = { own: [], results: [] };
export const noMemory: RunMemory = { read: () => NOTHING, write: () => {} };

const keyOf = (tab: string) => `heddle.runs.${tab}`;
const MOST_RESULTS = 500;
const rememberedSchema = z.object({
  own: z.array(z.string()),
  results: z.array(z.object({ image: imageReferenceSchema, nodeId: z.string(), runId: z.string() })),
});

/** Kept per tab: another tab's runs are not this one's. */
export function runMemory(storage: Storage, tab: string): RunMemory {
  return {
    read() {
      try {
        return rememberedSchema.parse(JSON.parse(storage.getItem(keyOf(tab)) ?? ""));
      } catch {
        return NOTHING;
      }
    },
    write({ own, results }) {
      try {
        storage.setItem(keyOf(tab), JSON.stringify({ own, results: results.slice(0, MOST_RESULTS) }));
      } catch {
        // Storage is full or refused: a reload forgets the runs, nothing else.
      }
    },
  };
}

/** A tab was closed for good. */
export function forgetRuns(storage: Storage, tab: string): void {
  storage.removeItem(keyOf(tab));
}
