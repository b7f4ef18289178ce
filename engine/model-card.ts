import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { ErrorPayload } from "../common/errors.ts";
import { issuesInWords, type Words } from "../common/words.ts";
import { parseJson } from "./weights/weight-set.ts";

/** Optional `heddle.json` beside a model: what its files do not say of themselves. */
const schema = z.object({
  title: z.string().max(200).optional(),
  /** Picture sizes the model was trained for, in pixels a side. */
  sizes: z.object({ min: z.int().positive(), max: z.int().positive(), multipleOf: z.int().positive() }).optional(),
});

export type ModelCard = z.infer<typeof schema>;

export interface ReadCard {
  readonly card: ModelCard;
  readonly warnings: readonly ErrorPayload[];
}

/** The card of a model folder; empty when there is none. One that cannot be used is empty too, and a warning says so. */
export async function readModelCard(folder: string): Promise<ReadCard> {
  const path = join(folder, "heddle.json");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    // A model that is a file has no folder for a card.
    return { card: {}, warnings: code === "ENOENT" || code === "ENOTDIR" ? [] : [unusableCard(path, message)] };
  }
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return { card: parsed.data, warnings: [] };
  const reason = z.prettifyError(parsed.error).replaceAll("\n", " ");
  const problems = issuesInWords(parsed.error);
  return { card: {}, warnings: [unusableCard(path, reason, { cause: "schema", problems })] };
}

/** @param fault absent where only the system’s message says why */
function unusableCard(
  path: string,
  reason: string,
  fault?: { cause: "schema"; problems: readonly Words[] },
): ErrorPayload {
  return {
    code: "model-card-unusable",
    message: `"${path}" is left out of account: ${reason.replace(/\.$/, "")}.`,
    help: "Correct the file, or remove it; the model is used without it.",
    details: { path, reason: reason.replace(/\.$/, ""), ...fault },
  };
}
