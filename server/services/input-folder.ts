import { readdir, readFile, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { HeddleError } from "../../common/errors.ts";
import type { InputFile, InputFolder } from "../../nodes/services.ts";

const PICTURE = /\.(png|jpe?g|webp|gif|tiff?|avif)$/i;
/** Files that are looked at before a folder is taken to be chosen by mistake. */
const MOST_FILES = 20_000;

const byName = new Intl.Collator("en", { numeric: true }).compare;

/**
 * The pictures in a folder that its owner lets workflows read. Names are relative, with forward slashes; neither `..` nor a
 * link leads out of the folder, and what begins with a dot is not there.
 */
export function createInputFolder(root: string): InputFolder {
  return {
    async list(folder, subfolders) {
      const start = await inside(root, folder);
      if (!(await stat(start)).isDirectory()) throw notFound(root, folder);
      const files: InputFile[] = [];
      await collect(start, folder.split("/").filter(Boolean).join("/"), subfolders, files);
      return files.toSorted((a, b) => byName(a.name, b.name));
    },

    async read(name) {
      return readFile(await inside(root, name));
    },
  };
}

async function collect(folder: string, prefix: string, subfolders: boolean, files: InputFile[]): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".")) continue;
    const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory() && subfolders) await collect(path.join(folder, entry.name), name, subfolders, files);
    if (!entry.isFile() || !PICTURE.test(entry.name)) continue;
    if (files.length >= MOST_FILES) throw tooMany();
    const { size, mtimeMs } = await stat(path.join(folder, entry.name));
    files.push({ name, version: `${size} ${mtimeMs}` });
  }
}

/** The real path of what a name means. @throws HeddleError `input-folder-outside`, `input-folder-not-found` */
async function inside(root: string, name: string): Promise<string> {
  const parts = name.split("/").filter(Boolean);
  if (path.isAbsolute(name) || parts.some((part) => part.startsWith(".") || /[\\:\0]/.test(part))) throw outside(name);
  const top = await realpath(root).catch(() => undefined);
  const real = top && (await realpath(path.join(top, ...parts)).catch(() => undefined));
  if (top === undefined || real === undefined) throw notFound(root, name);
  if (real !== top && !real.startsWith(top + path.sep)) throw outside(name);
  return real;
}

function outside(name: string): HeddleError {
  return new HeddleError({
    code: "input-folder-outside",
    message: `"${name}" is no name of a folder inside the folder for inputs.`,
    help: "Write the names of folders with / between them. Workflows can read nothing outside of the folder for inputs.",
    field: "folder",
    details: { name },
  });
}

function notFound(root: string, name: string): HeddleError {
  const place = path.join(root, ...name.split("/"));
  return new HeddleError({
    code: "input-folder-not-found",
    message: name === "" ? "There is no folder for inputs yet." : `There is no "${name}" in the folder for inputs.`,
    help: `Put pictures into ${place}.`,
    field: "folder",
    details: { root, name, place, cause: name === "" ? "none" : undefined },
  });
}

function tooMany(): HeddleError {
  return new HeddleError({
    code: "input-folder-too-large",
    message: `There are more than ${MOST_FILES} pictures in the folder.`,
    help: "Choose a folder inside it.",
    field: "folder",
    details: { most: MOST_FILES },
  });
}
