import { mkdir, open, readdir, realpath, rm, stat } from "node:fs/promises";
import path from "node:path";
import { HeddleError } from "../../common/errors.ts";
import type { OutputFolder } from "../../nodes/services.ts";
import { fileErrorCause, fileErrorCode, fileErrorReason } from "./file-errors.ts";

const COUNTER = /%counter%/gi;
const COUNTER_DIGITS = 4;

/**
 * Saves into one folder: every name ends up below it, and no file is ever replaced.
 *
 * @param what is saved there, for messages
 */
export function createOutputFolder(root: string, what: "picture" | "LoRA" = "picture"): OutputFolder {
  return {
    async write(name, extension, bytes) {
      const parts = name.split("/");
      if (parts.some((part) => !isPlainName(part)) || !/^[a-z0-9]{1,16}$/.test(extension)) throw outside(name);
      const folder = path.join(root, ...parts.slice(0, -1));
      try {
        await mkdir(folder, { recursive: true });
        // A link inside the output folder could still lead somewhere else.
        if (!isInside(await realpath(root), await realpath(folder))) throw outside(name);
        return await writeUnderFreeName(folder, parts.at(-1)!, extension, bytes);
      } catch (error) {
        if (error instanceof HeddleError) throw error;
        throw new HeddleError(
          {
            code: "output-not-writable",
            message: `The ${what} could not be saved in ${folder}, because ${fileErrorReason(error)}.`,
            help: `Make room or choose another folder, then save it again; the ${what} is still in memory.`,
            details: {
              folder,
              reason: fileErrorCode(error),
              cause: fileErrorCause(error),
              why: fileErrorReason(error),
            },
          },
          { cause: error },
        );
      }
    },

    async has(file) {
      const found = await stat(file).catch(() => undefined);
      return found?.isFile() === true && found.size > 0;
    },
  };
}

async function writeUnderFreeName(folder: string, name: string, extension: string, bytes: Uint8Array): Promise<string> {
  const hasCounter = name.search(COUNTER) >= 0;
  for (let attempt = hasCounter ? await nextCounter(folder, name, extension) : 1; ; attempt++) {
    const numbered = hasCounter ? fillCounter(name, attempt) : attempt === 1 ? name : `${name}-${attempt}`;
    const file = path.join(folder, `${numbered}.${extension}`);
    try {
      await writeNew(file, bytes);
      return file;
    } catch (error) {
      if (fileErrorCode(error) !== "EEXIST") throw error;
    }
  }
}

/** Fails with `EEXIST` when there is such a file; leaves nothing behind when it cannot write all of it. */
async function writeNew(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, "wx");
  try {
    await handle.writeFile(bytes);
    await handle.close();
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(file, { force: true });
    throw error;
  }
}

/** One more than the highest number among the folder's files of that name. */
async function nextCounter(folder: string, name: string, extension: string): Promise<number> {
  const [before = "", ...rest] = name.split(COUNTER).map(escapeForRegExp);
  // Only the first counter captures; further ones repeat it.
  const pattern = new RegExp(`^${before}(\\d+)${rest.join("\\1")}\\.${extension}$`, "i");
  const numbers = (await readdir(folder)).map((file) => Number(pattern.exec(file)?.[1] ?? 0));
  return numbers.reduce((highest, number) => Math.max(highest, number), 0) + 1;
}

function fillCounter(name: string, counter: number): string {
  return name.replace(COUNTER, String(counter).padStart(COUNTER_DIGITS, "0"));
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

function isPlainName(part: string): boolean {
  return part !== "" && part !== "." && part !== ".." && !/[\\/:\0]/.test(part);
}

function isInside(folder: string, candidate: string): boolean {
  return candidate === folder || candidate.startsWith(folder + path.sep);
}

function outside(name: string): HeddleError {
  return new HeddleError({
    code: "output-outside-folder",
    message: `The name "${name}" leads out of the output folder.`,
    help: "Use a name without .. and without drive letters.",
    details: { name },
  });
}
