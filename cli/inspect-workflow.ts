import sharp from "sharp";
import { HeddleError } from "../common/errors.ts";
import type { Embedded } from "../graph/embedding/embedded.ts";
import { type OpenedWorkflow, openAnyWorkflow } from "../graph/importers/index.ts";
import { validateWorkflow } from "../graph/validate.ts";
import { findDefinition } from "../nodes/definitions.ts";
import type { Inspection } from "./inspection.ts";

/** The nodes of a workflow and all that is wrong with it. */
export function describeWorkflow({ document, repairs, report }: OpenedWorkflow): Inspection {
  const problems = [
    ...repairs.map((repair) => ({ ...repair, severity: "warning" as const })),
    ...validateWorkflow(document, findDefinition),
  ];
  const { title, description, nodes, links } = document;
  return {
    facts: {
      kind: "workflow",
      title,
      ...(description === undefined ? {} : { description }),
      nodes: nodes.map(({ id, type, mode, params }) => ({ id, type, mode, params })),
      links: links.length,
      problems,
      ...(report ? { report } : {}),
    },
    lines: [
      ...(report ? [report.summary] : []),
      `Workflow "${title}": ${nodes.length} nodes, ${links.length} links`,
      ...nodes.map(({ id, type, mode }) => `  ${id}: ${type}${mode === "active" ? "" : ` (${mode})`}`),
      ...problems.map(({ severity, message, help }) => `${severity}: ${message} ${help}`),
    ],
  };
}

/** Size and settings of a picture, and the workflow inside it. */
export async function describePicture(
  bytes: Uint8Array,
  { workflow, prompt, parameters }: Embedded,
): Promise<Inspection> {
  const { format, width, height } = await sharp(bytes)
    .metadata()
    .catch((cause: unknown) => {
      throw new HeddleError(
        { code: "picture-invalid", message: "The picture is damaged.", help: "Use another copy of the file." },
        { cause },
      );
    });
  const inside = (workflow ?? prompt) === undefined ? undefined : describeEmbedded(workflow ?? prompt ?? "");
  return {
    facts: {
      kind: "picture",
      format,
      width,
      height,
      ...(parameters === undefined ? {} : { parameters }),
      ...(inside ? { workflow: inside.facts } : {}),
    },
    lines: [
      `Picture: ${format}, ${width} × ${height}`,
      ...(parameters === undefined ? [] : parameters.split("\n").map((line) => `  ${line}`)),
      ...(inside?.lines ?? ["No workflow inside."]),
    ],
  };
}

/** Another program's workflow is worth telling, and no reason to refuse the picture. */
function describeEmbedded(text: string): Inspection {
  try {
    return describeWorkflow(openAnyWorkflow(text, { definitions: findDefinition }));
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    return { facts: { error: error.toPayload() }, lines: [`Workflow inside: ${error.message} ${error.help}`] };
  }
}
