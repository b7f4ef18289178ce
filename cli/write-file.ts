import { HeddleError } from "../common/errors.ts";
import { writeFileAtomically } from "../server/services/atomic-file.ts";
import { fileErrorReason } from "../server/services/file-errors.ts";

/**
 * Writes a file whole or not at all; what it takes the place of stays beside it as `<name>.bak`.
 * @throws HeddleError `file-unwritable`
 */
export async function writeWholeFile(path: string, content: string | Uint8Array): Promise<void> {
  try {
    writeFileAtomically(path, content, { backup: true });
  } catch (cause) {
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
