import { basename, dirname } from "node:path";
import { z } from "zod";
import type { Variant } from "./component-files.ts";

const schedulerSchema = z.object({ shift: z.number() });

/**
 * Turbo and base have the same tensors, so what surrounds the weights has to tell them apart. In this order:
 *
 * 1. the title in the file's metadata (`modelspec.title`, `general.name`), when it says turbo or base;
 * 2. the name of the file or folder, or of the hub repository whose cache it lies in;
 * 3. the scheduler's shift: the published base model has 6, turbo 3;
 * 4. a name that says Z-Image and not turbo is the base model (its published files are called so);
 * 5. turbo, which nearly all files in circulation are.
 */
export function detectVariant(from: {
  path: string;
  metadata: Readonly<Record<string, string>>;
  scheduler: Readonly<Record<string, unknown>> | undefined;
}): Variant {
  const title = from.metadata["modelspec.title"] ?? from.metadata["general.name"] ?? "";
  const names = [title, basename(from.path), hubRepository(from.path)];
  for (const name of names) {
    if (/turbo|distill/i.test(name)) return "turbo";
    if (/(^|[^a-z])base([^a-z]|$)/i.test(name)) return "base";
  }
  const scheduler = schedulerSchema.safeParse(from.scheduler);
  if (scheduler.success) return scheduler.data.shift > 4.5 ? "base" : "turbo";
  return names.some((name) => /z[-_ ]?image/i.test(name)) ? "base" : "turbo";
}

/** Hub caches keep a repository as `models--owner--name/snapshots/<revision>/...`. */
function hubRepository(path: string): string {
  for (let folder = path; dirname(folder) !== folder; folder = dirname(folder)) {
    if (basename(folder).startsWith("models--")) return basename(folder);
  }
  return "";
}
