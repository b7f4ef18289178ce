import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { HeddleError } from "../common/errors.ts";
import { fileErrorReason } from "../server/services/file-errors.ts";

/**
 * Writes a file whole or not at all: into a temporary file beside it, which then takes its place.
 * @throws HeddleError `file-unwritable`
 */
export async function writeWholeFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new HeddleError(
      {
        code: "file-unwritable",
        message: `"${path}" cannot be written, because ${fileErrorReason(cause)}.`,
        help: "Name another file, or check that you may write there.",
        details: { path },
      },
      { cause },
    );
  }
}
