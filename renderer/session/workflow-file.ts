import { HeddleError } from "../../common/errors.ts";
import type { DefinitionLookup } from "../../graph/definition.ts";
import { readEmbedded } from "../../graph/embedding/embedded.ts";
import { type OpenedWorkflow, openAnyWorkflow } from "../../graph/importers/index.ts";
import { withSpokenTitles } from "../i18n/template-text.ts";

/**
 * The workflow in a file that a person chose: Heddle's or another program's, as text or inside a picture.
 * @throws HeddleError `picture-without-workflow`, `file-not-workflow`, and all that `openAnyWorkflow` throws
 */
export function readWorkflowFile(
  { name, bytes }: { name: string; bytes: Uint8Array },
  definitions: DefinitionLookup,
): OpenedWorkflow & { isPicture: boolean } {
  const embedded = readEmbedded(bytes);
  const title = name.replace(/\.[^.]+$/, "");
  if (!embedded) return { ...spoken(openAnyWorkflow(decode(name, bytes), { definitions, title })), isPicture: false };
  if (embedded.workflow === undefined && embedded.prompt === undefined && embedded.parameters === undefined) {
    throw new HeddleError({
      code: "picture-without-workflow",
      message: `“${name}” is a picture without a workflow inside.`,
      help: "Open a picture that Heddle saved, with its workflow embedded.",
      details: { name },
    });
  }
  return { ...spoken(openAnyWorkflow(bytes, { definitions, title })), isPicture: true };
}

/** Of settings Heddle makes all nodes by itself, and gives them their titles. */
function spoken(opened: OpenedWorkflow): OpenedWorkflow {
  const { document, report } = opened;
  const isOfSettings = report !== undefined && ["a1111", "fal", "runware"].includes(report.format);
  return isOfSettings ? { ...opened, document: withSpokenTitles(document) } : opened;
}

function decode(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new HeddleError(
      {
        code: "file-not-workflow",
        message: `“${name}” is not a workflow file.`,
        help: "Open a workflow (.json) or a picture that Heddle saved.",
        details: { name },
      },
      { cause },
    );
  }
}
