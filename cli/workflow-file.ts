import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { HeddleError } from "../common/errors.ts";
import type { DefinitionLookup } from "../graph/definition.ts";
import { type OpenedWorkflow, openAnyWorkflow } from "../graph/importers/index.ts";
import { counted, type ImportReport } from "../graph/importers/report.ts";
import type { Problem } from "../graph/problems.ts";
import { findDefinition } from "../nodes/definitions.ts";
import { fileErrorReason } from "../server/services/file-errors.ts";

const MAX_BYTES = 512 * 1024 * 1024;

/** @throws HeddleError `file-unreadable`, `file-too-large` */
export async function readWholeFile(file: string): Promise<Uint8Array> {
  let size: number;
  try {
    ({ size } = await stat(file));
    if (size <= MAX_BYTES) return await readFile(file);
  } catch (cause) {
    throw new HeddleError(
      {
        code: "file-unreadable",
        message: `"${file}" cannot be read, because ${fileErrorReason(cause)}.`,
        help: "Check the path, and that you may read the file.",
        details: { path: file },
      },
      { cause },
    );
  }
  throw new HeddleError({
    code: "file-too-large",
    message: `"${file}" has ${Math.round(size / 1024 / 1024)} MB, far too many for a workflow.`,
    help: "Name a workflow (.json), or a picture that Heddle saved.",
    details: { path: file, size },
  });
}

/**
 * Reads a workflow of any kind that Heddle opens, from a file or from the picture that has it inside.
 * @throws HeddleError `no-workflow-inside`, and all that {@link readWholeFile} and {@link openAnyWorkflow} throw
 */
export async function readWorkflowFile(file: string): Promise<OpenedWorkflow> {
  const bytes = await readWholeFile(file);
  return openAnyWorkflow(bytes, { definitions: findDefinition, title: path.parse(file).name });
}

/** What had to be put right, as problems that keep nothing from running. */
export function warningsOf({ repairs }: OpenedWorkflow): Problem[] {
  return repairs.map((repair) => ({ ...repair, severity: "warning" }));
}

/** The report of an import; of a Heddle document, which needs none, one that says so. */
export function reportOf({ document, report }: OpenedWorkflow, definitions: DefinitionLookup): ImportReport {
  if (report) return report;
  const unknown = document.nodes.filter(({ type }) => !definitions(type));
  const total = document.nodes.length;
  const links = document.links.length;
  const values = document.nodes.reduce((sum, { params }) => sum + Object.keys(params).length, 0);
  return {
    format: "heddle",
    summary: `This is a Heddle workflow of ${counted(total, "node")} already; nothing was changed.`,
    nodes: { total, mapped: total - unknown.length, kept: unknown.length, virtual: 0 },
    links: { total: links, mapped: links, kept: 0, virtual: 0 },
    values: { total: values, mapped: values, kept: 0 },
    kept: unknown.map(({ id, type, title }) => ({
      nodeId: id,
      class: type,
      ...(title === undefined ? {} : { title }),
      code: "unknown-node",
      message: `This version of Heddle has no node of type "${type}".`,
      help: "Update Heddle, or delete or mute the node.",
      details: { type },
    })),
    notes: [],
    models: [],
  };
}
