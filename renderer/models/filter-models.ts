import type { ModelKind } from "../../graph/definition.ts";
import type { ModelDetails } from "../../protocol/models.ts";

export type ModelOrder = "name" | "size" | "used";

/** Every word of the query must be somewhere in what is known of a model. */
export function filterModels(
  models: readonly ModelDetails[],
  { query, kind, order }: { query: string; kind: ModelKind | ""; order: ModelOrder },
): ModelDetails[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = models.filter((model) => {
    if (kind !== "" && model.kind !== kind) return false;
    const { name, label, title, family, variant, precision, triggerWords, sha256, source, origin } = model;
    const text = [name, label, title, family, variant, precision, ...triggerWords, sha256, source, origin.repository]
      .join(" ")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const by: Record<ModelOrder, (a: ModelDetails, b: ModelDetails) => number> = {
    name: byName,
    size: (a, b) => b.sizeBytes - a.sizeBytes,
    used: (a, b) => (b.lastUsed ?? "").localeCompare(a.lastUsed ?? ""),
  };
  return found.sort((a, b) => by[order](a, b) || byName(a, b));
}

const byName = (a: ModelDetails, b: ModelDetails) => a.label.localeCompare(b.label, undefined, { numeric: true });

/** The bytes of all of them together: a checkpoint's parts, and a file listed for two uses, count once. */
export function bytesOnDisk(models: readonly Pick<ModelDetails, "path" | "sizeBytes">[]): number {
  const sizeOf = new Map<string, number>();
  for (const { path, sizeBytes } of models) sizeOf.set(path, Math.max(sizeBytes, sizeOf.get(path) ?? 0));
  const isPart = (path: string) =>
    [...path.matchAll(/[\\/]/g)].some(({ index }) => index > 0 && sizeOf.has(path.slice(0, index)));
  return [...sizeOf].reduce((sum, [path, size]) => (isPart(path) ? sum : sum + size), 0);
}
