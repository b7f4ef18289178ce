import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { HeddleError } from "../../../common/errors.ts";

const MAX_FOLDERS = 2000;

/**
 * Single-file text encoders come without a tokenizer. It is looked for beside the file (also in a folder named
 * `tokenizer` or like the file), then anywhere in the models folders: `tokenizer.json` in a folder whose name speaks of
 * Qwen3 or of a tokenizer.
 */
export async function findTokenizer(file: string, modelsFolders: readonly string[]): Promise<string | undefined> {
  const folder = dirname(file);
  const name = basename(file, extname(file));
  const beside = [folder, join(folder, "tokenizer"), join(folder, name), join(folder, `${name}_tokenizer`)];
  for (const candidate of [...beside, join(dirname(folder), "tokenizer")]) {
    if (await holdsTokenizer(candidate)) return candidate;
  }
  for (const root of modelsFolders) {
    const found = await searchTokenizer(root);
    if (found !== undefined) return found;
  }
  return undefined;
}

export async function holdsTokenizer(folder: string): Promise<boolean> {
  return stat(join(folder, "tokenizer.json")).then(
    (found) => found.isFile(),
    () => false,
  );
}

export function tokenizerMissing(file: string, modelsFolders: readonly string[]): HeddleError {
  const name = basename(file, extname(file));
  const place = join(dirname(file), name, "tokenizer.json");
  const [root] = modelsFolders;
  const other = root === undefined ? undefined : join(root, "tokenizer", "tokenizer.json");
  return new HeddleError({
    code: "tokenizer-missing",
    message: `The text encoder "${file}" comes without its tokenizer, and none was found beside it or in the models folders.`,
    help: `Fetch tokenizer.json (11 MB) of Qwen3-4B, from the folder "tokenizer" of huggingface.co/Tongyi-MAI/Z-Image-Turbo or from huggingface.co/Qwen/Qwen3-4B, and put it at "${place}"${other === undefined ? "" : ` or at "${other}"`}.`,
    details: { file, place, ...(other === undefined ? { cause: "beside" } : { cause: "beside-or-shared", other }) },
  });
}

/** Breadth first, at most {@link MAX_FOLDERS} folders and 4 levels deep; symbolic links are not followed. */
async function searchTokenizer(root: string): Promise<string | undefined> {
  let level = [root];
  let visited = 0;
  for (let depth = 0; depth <= 4 && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      if (++visited > MAX_FOLDERS) return undefined;
      if (/qwen[-_ ]?3|tokenizer/i.test(basename(folder)) && (await holdsTokenizer(folder))) return folder;
      const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
      const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
      next.push(...folders.map((entry) => join(folder, entry.name)).sort());
    }
    level = next;
  }
  return undefined;
}
