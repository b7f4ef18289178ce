import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { HeddleError } from "../../common/errors.ts";
import { parseSubgraphFile, type SubgraphFile } from "../../graph/subgraphs/file.ts";
import type { LibraryEntry } from "../../protocol/subgraphs.ts";

const EXTENSION = ".json";
const MOST_FILES = 1_000;
const MOST_BYTES = 16 * 1024 ** 2;

/** Subgraphs of one's own, a file each in a folder: they can be copied, mailed and put under version control. */
export interface SubgraphLibrary {
  /** By title; what cannot be read is left out. */
  list(): Promise<LibraryEntry[]>;
  /** @throws HeddleError `library-not-writable` */
  save(file: SubgraphFile): Promise<{ name: string }>;
  remove(name: string): Promise<boolean>;
}

export function createSubgraphLibrary(folder: string): SubgraphLibrary {
  const read = async (name: string): Promise<LibraryEntry | undefined> => {
    try {
      const file = path.join(folder, name + EXTENSION);
      if ((await stat(file)).size > MOST_BYTES) return undefined;
      return { name, file: parseSubgraphFile(await readFile(file, "utf8")) };
    } catch {
      return undefined;
    }
  };
  /** Names are looked for among the files that there are; none of them ever becomes a path. */
  const names = async () => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => entry.isFile() && entry.name.endsWith(EXTENSION) && !entry.name.startsWith("."))
      .map((entry) => entry.name.slice(0, -EXTENSION.length))
      .slice(0, MOST_FILES);
  };
  const list = async () => {
    const entries = await Promise.all((await names()).map(read));
    return entries
      .filter((entry) => entry !== undefined)
      .sort((a, b) => titleOf(a.file).localeCompare(titleOf(b.file)));
  };
  return {
    list,
    async save(file) {
      const known = await list();
      const same = known.find((entry) => entry.file.subgraphs[0]?.id === file.subgraphs[0]?.id);
      const name = same?.name ?? freshName(titleOf(file), await names());
      // A write that is cut off leaves the file that was there.
      const draft = path.join(folder, `.${randomUUID()}.part`);
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(draft, `${JSON.stringify(file, null, 2)}\n`);
        await rename(draft, path.join(folder, name + EXTENSION));
      } catch (cause) {
        await rm(draft, { force: true });
        throw new HeddleError(
          {
            code: "library-not-writable",
            message: `The subgraph could not be kept in ${folder}.`,
            help: "Make sure that the folder can be written to and that the disk is not full.",
            details: { folder },
          },
          { cause },
        );
      }
      return { name };
    },
    async remove(name) {
      if (!(await names()).includes(name)) return false;
      await rm(path.join(folder, name + EXTENSION), { force: true });
      return true;
    },
  };
}

const titleOf = ({ subgraphs }: SubgraphFile): string => subgraphs[0]?.title ?? "";

function freshName(title: string, taken: readonly string[]): string {
  const words = title
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}]+/gu, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 80);
  const stem = words || "subgraph";
  const lower = new Set(taken.map((name) => name.toLowerCase()));
  for (let n = 1; ; n++) {
    const name = n === 1 ? stem : `${stem}-${n}`;
    if (!lower.has(name)) return name;
  }
}
