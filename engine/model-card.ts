import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "./weights/weight-set.ts";

/** Optional `heddle.json` beside a model: what its files do not say of themselves. */
const schema = z.object({
  title: z.string().max(200).optional(),
  /** Picture sizes the model was trained for, in pixels a side. */
  sizes: z.object({ min: z.int().positive(), max: z.int().positive(), multipleOf: z.int().positive() }).optional(),
});

export type ModelCard = z.infer<typeof schema>;

/** The card of a model folder; empty when there is none or it says nothing usable. */
export async function readModelCard(folder: string): Promise<ModelCard> {
  const text = await readFile(join(folder, "heddle.json"), "utf8").catch(() => undefined);
  const parsed = schema.safeParse(text === undefined ? {} : parseJson(text));
  return parsed.success ? parsed.data : {};
}
