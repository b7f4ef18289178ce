import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { modelKinds } from "../../graph/definition.ts";
import type { CatalogueEntry, Fit } from "../../protocol/models.ts";

const entrySchema = z.object({
  id: z.string(),
  title: z.string(),
  titleZh: z.string(),
  description: z.string(),
  descriptionZh: z.string(),
  kind: z.enum(modelKinds),
  family: z.string(),
  variant: z.string().nullable(),
  precision: z.string(),
  group: z.enum(["model", "encoder", "vae", "control", "tokenizer"]),
  recommended: z.boolean().default(false),
  needs: z.array(z.string()).default([]),
  /** Parameters, from which follows what it needs; null where that does not matter. */
  parameters: z.number().nullable(),
  fileName: z.string(),
  sizeBytes: z.number(),
  licence: z.string(),
  licenceUrl: z.string(),
  source: z.object({
    repository: z.string(),
    file: z.string(),
    revision: z.string(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    sizeBytes: z.number().optional(),
    licence: z.string().optional(),
  }),
});
export type CatalogueFileEntry = z.infer<typeof entrySchema>;

const fileSchema = z.object({ version: z.literal(1), entries: z.array(entrySchema) });

let cached: readonly CatalogueFileEntry[] | undefined;

/** The models that Heddle knows where to get, `resources/catalogue.json`. */
export function readCatalogue(resources: string): readonly CatalogueFileEntry[] {
  cached ??= fileSchema.parse(JSON.parse(readFileSync(join(resources, "catalogue.json"), "utf8"))).entries;
  return cached;
}

/** What decides how a model runs here. */
export interface Machine {
  /** All of it, as people know it. */
  memoryBytes: number;
  /** What weights may take of it. */
  weightBytes: number;
  /** Bytes per weight in each plan, the most accurate first. */
  plans: readonly { plan: string; bytesPerWeight: number }[];
}

export function catalogueEntries(
  entries: readonly CatalogueFileEntry[],
  installed: readonly { fileName: string; size: number | undefined; sha256: string | undefined }[],
  machine: Machine,
): CatalogueEntry[] {
  return entries.map(({ parameters, ...entry }) => ({
    ...entry,
    installed: installed.some(
      ({ fileName, size, sha256 }) =>
        (sha256 !== undefined && sha256 === entry.source.sha256) ||
        (fileName.toLowerCase() === entry.fileName.toLowerCase() &&
          (entry.source.sizeBytes === undefined || size === entry.source.sizeBytes)),
    ),
    fit: parameters === null ? null : fitOf(parameters, machine),
  }));
}

/** The most accurate plan that fits into memory; weights that do not fit are read from the disk again and again. */
export function fitOf(parameters: number, { memoryBytes, weightBytes, plans }: Machine): Fit {
  const needs = plans.map(({ plan, bytesPerWeight }) => ({ plan, bytes: parameters * bytesPerWeight }));
  const fitting = needs.find(({ bytes }) => bytes <= weightBytes);
  const chosen = fitting ?? needs.reduce((a, b) => (b.bytes < a.bytes ? b : a));
  const verdict = fitting
    ? fitting === needs[0]
      ? "fits"
      : "reduced"
    : chosen.bytes <= memoryBytes
      ? "slow"
      : "too-large";
  return { verdict, plan: chosen.plan, memoryBytes, neededBytes: Math.round(chosen.bytes) };
}
