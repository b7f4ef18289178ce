import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

const packageSchema = z.object({ name: z.string(), version: z.string() });

/** The folder of Heddle's package.json and what it says; found from here upwards, so it holds in bundles too. */
export function packageFacts(from = import.meta.dirname): { folder: string; version: string } {
  for (let folder = from; ; folder = dirname(folder)) {
    const facts = readPackage(join(folder, "package.json"));
    if (facts?.name === "heddle") return { folder, version: facts.version };
    if (dirname(folder) === folder) throw new Error(`No package.json of Heddle above ${from}`);
  }
}

function readPackage(path: string): z.infer<typeof packageSchema> | undefined {
  try {
    return packageSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}
