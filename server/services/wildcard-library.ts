import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { HeddleError } from "../../common/errors.ts";
import type { WildcardLibrary } from "../../nodes/services.ts";

const EXTENSION = ".txt";
const MOST_BYTES = 8 * 1024 * 1024;
/** Names that an error lists. */
const LISTED = 12;

/**
 * Wildcard files: `animals.txt` and `nature/flowers.txt` below a folder are `animals` and `nature/flowers`. An option a
 * line; empty lines and those that begin with # do not count. A name can reach nothing outside of the folder.
 */
export function createWildcardLibrary(folder: string): WildcardLibrary {
  return {
    async read(name) {
      const parts = name.split("/");
      if (parts.some((part) => !/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(part))) {
        throw new HeddleError({
          code: "wildcard-name-invalid",
          message: `"${name}" is no name of a wildcard file.`,
          help: "Names have letters, digits, -, _ and ., with / for folders.",
          field: "text",
          details: { name },
        });
      }
      const file = path.join(folder, ...parts) + EXTENSION;
      const found = await stat(file).catch(() => undefined);
      if (!found?.isFile()) throw await notFound(folder, name);
      if (found.size > MOST_BYTES) throw unusable(name, "too-large");
      const lines = (await readFile(file, "utf8")).replace(/^\ufeff/, "").split(/\r?\n/);
      const options = lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
      if (options.length === 0) throw unusable(name, "empty");
      return options;
    },

    async identity() {
      const hash = createHash("sha256");
      for (const { name, size, mtimeMs } of await filesBelow(folder)) hash.update(`${name}\0${size}\0${mtimeMs}\n`);
      return hash.digest("hex");
    },
  };
}

async function filesBelow(folder: string): Promise<{ name: string; size: number; mtimeMs: number }[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = await Promise.all(
    names
      .filter((name) => name.endsWith(EXTENSION))
      .sort()
      .map(async (name) => {
        const found = await stat(path.join(folder, name)).catch(() => undefined);
        return found && { name, size: found.size, mtimeMs: found.mtimeMs };
      }),
  );
  return files.filter((file) => file !== undefined);
}

/** The names of all wildcard files, in alphabetical order. */
export async function listWildcards(folder: string): Promise<string[]> {
  return (await filesBelow(folder)).map((file) => file.name.slice(0, -EXTENSION.length).split(path.sep).join("/"));
}

async function notFound(folder: string, name: string): Promise<HeddleError> {
  const known = await listWildcards(folder);
  const listed = known.slice(0, LISTED).join(", ");
  return new HeddleError({
    code: "wildcard-not-found",
    message: `There is no wildcard file "${name}".`,
    help:
      known.length === 0
        ? `Put ${name}${EXTENSION}, with an option a line, into ${folder}.`
        : `Put ${name}${EXTENSION} into ${folder}, or use one of: ${listed}.`,
    field: "text",
    details: { folder, name, listed, cause: known.length === 0 ? "none" : undefined },
  });
}

function unusable(name: string, cause: "too-large" | "empty"): HeddleError {
  const megabytes = MOST_BYTES / 1024 ** 2;
  const why = cause === "empty" ? "has no line to choose" : `is larger than ${megabytes} MB`;
  return new HeddleError({
    code: "wildcard-unusable",
    message: `The wildcard file "${name}" ${why}.`,
    help: "Write an option on each line.",
    field: "text",
    details: { name, cause, megabytes },
  });
}
