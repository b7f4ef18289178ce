import { z } from "zod";
import { sweepSchema } from "../../graph/document.ts";
import { imageReferenceSchema } from "../../graph/events.ts";
import type { StartedSweep } from "./started-sweep.ts";

/** The matrices of a tab, kept across a reload or a restart. */
export interface SweepMemory {
  read(): readonly StartedSweep[];
  write(all: readonly StartedSweep[]): void;
}

export const noSweepMemory: SweepMemory = { read: () => [], write: () => {} };

const keyOf = (tab: string) => `heddle.sweeps.${tab}`;
/** JSON has no undefined in lists. */
const perCell = <T>(schema: z.ZodType<T>) =>
  z.array(schema.nullable()).transform((list) => list.map((one) => one ?? undefined));
const startedSchema = z.object({
  id: z.string(),
  startedAt: z.number(),
  sweep: sweepSchema,
  labels: z.array(z.string()),
  names: z.array(z.string()),
  cells: z.array(z.array(z.json())),
  runIds: perCell(z.string()),
  images: perCell(imageReferenceSchema),
});

/** Kept per tab, as its runs are. */
export function sweepMemory(storage: Storage, tab: string): SweepMemory {
  return {
    read() {
      try {
        return z.array(startedSchema).parse(JSON.parse(storage.getItem(keyOf(tab)) ?? "[]"));
      } catch {
        return [];
      }
    },
    write(all) {
      try {
        storage.setItem(keyOf(tab), JSON.stringify(all));
      } catch {
        // Storage is full or refused: a reload forgets the matrices, nothing else.
      }
    },
  };
}

/** A tab was closed for good. */
export function forgetSweeps(storage: Storage, tab: string): void {
  storage.removeItem(keyOf(tab));
}
