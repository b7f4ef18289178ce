import { readFile, stat } from "node:fs/promises";
import { HeddleError } from "../common/errors.ts";
import { readEmbedded } from "../graph/embedding/embedded.ts";
import { type ParsedWorkflow, parseWorkflowText } from "../graph/parse.ts";
import { fileErrorReason } from "../server/services/file-errors.ts";

const MAX_BYTES = 512 * 1024 * 1024;

/** @throws HeddleError `file-unreadable`, `file-too-large` */
export async function readWholeFile(path: string): Promise<Uint8Array> {
  let size: number;
  try {
    ({ size } = await stat(path));
    if (size <= MAX_BYTES) return await readFile(path);
  } catch (cause) {
    throw new HeddleError(
      {
        code: "file-unreadable",
        message: `"${path}" cannot be read, because ${fileErrorReason(cause)}.`,
        help: "Check the path, and that you may read the file.",
        details: { path },
      },
      { cause },
    );
  }
  throw new HeddleError({
    code: "file-too-large",
    message: `"${path}" has ${Math.round(size / 1024 / 1024)} MB, far too many for a workflow.`,
    help: "Name a workflow (.json), or a picture that Heddle saved.",
    details: { path, size },
  });
}

/**
 * Reads a workflow from a workflow file, or from a picture that has one inside.
 * @throws HeddleError `no-workflow-inside`, and all that {@link readWholeFile} and {@link parseWorkflowText} throw
 */
export async function readWorkflowFile(path: string): Promise<ParsedWorkflow> {
  const bytes = await readWholeFile(path);
  const embedded = readEmbedded(bytes);
  if (!embedded) return parseWorkflowText(new TextDecoder().decode(bytes));
  if (embedded.workflow !== undefined) return parseWorkflowText(embedded.workflow);
  throw new HeddleError({
    code: "no-workflow-inside",
    message: `The picture "${path}" has no workflow inside.`,
    help: "Use a picture that Heddle saved with its workflow, or a workflow file.",
    details: { path },
  });
}
