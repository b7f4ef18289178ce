import type { ModelEntry } from "../../protocol/contract.ts";

/**
 * The entry that a workflow's name leads to, as the engine finds it: by its whole name, without the folder of its kind,
 * or as the only file of that name.
 */
export function findModelEntry(models: readonly ModelEntry[], name: string): ModelEntry | undefined {
  const exact = models.find((model) => model.name === name) ?? models.find((model) => model.shortName === name);
  if (exact) return exact;
  const fileOf = (path: string) => path.split("/").at(-1)?.toLowerCase() ?? "";
  const wanted = fileOf(name);
  const matching = /\.\w+$/.test(wanted) ? models.filter((one) => !one.builtIn && fileOf(one.name) === wanted) : [];
  return matching.length === 1 ? matching[0] : undefined;
}
