import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "../../weights/weight-set.ts";

const id = z.int().min(0);
const schema = z.looseObject({ eos_token_id: z.union([id, z.array(id)]).nullish() });

/**
 * Tokens that end a text, from `generation_config.json` beside the weights or `config.json`; none where neither says so.
 * @param folder of the component; a single file has only what `config` says
 */
export async function stopTokensOf(folder: string, config: Readonly<Record<string, unknown>>): Promise<number[]> {
  const text = await readFile(join(folder, "generation_config.json"), "utf8").catch(() => "{}");
  const named = [parseJson(text), config].map((json) => schema.safeParse(json).data?.eos_token_id ?? []);
  return [...new Set(named.flat())];
}
