import { readFile } from "node:fs/promises";
import { z } from "zod";
import { HeddleError } from "../../../common/errors.ts";
import { parseJson } from "../weight-set.ts";

const objectSchema = z.record(z.string(), z.unknown());

/**
 * A JSON object, or undefined where the file is absent.
 *
 * @throws HeddleError `config-invalid` when it is there and is no JSON object.
 */
export async function readConfig(path: string): Promise<Record<string, unknown> | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = objectSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new HeddleError({
    code: "config-invalid",
    message: `"${path}" is not a usable config file.`,
    help: "Download this file again.",
    details: { path, cause: "no-json" },
  });
}
