import { HeddleError } from "../../common/errors.ts";
import { readEmbedded } from "../../graph/embedding/embedded.ts";
import { type ParsedWorkflow, parseWorkflowText } from "../../graph/parse.ts";
import { translate } from "../i18n/i18n.ts";

/**
 * The workflow in a file that a person chose: JSON, or a PNG, JPEG or WebP with one inside.
 * @throws HeddleError `picture-without-workflow`, `file-not-workflow`, and all that parsing throws
 */
export function readWorkflowFile({
  name,
  bytes,
}: {
  name: string;
  bytes: Uint8Array;
}): ParsedWorkflow & { isPicture: boolean } {
  const embedded = readEmbedded(bytes);
  if (!embedded) return { ...parseWorkflowText(decode(name, bytes)), isPicture: false };
  if (embedded.workflow === undefined) {
    throw new HeddleError({
      code: "picture-without-workflow",
      message: translate("file.noWorkflowInside", { name }),
      help: translate("file.noWorkflowInsideHelp"),
    });
  }
  return { ...parseWorkflowText(embedded.workflow), isPicture: true };
}

function decode(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new HeddleError(
      {
        code: "file-not-workflow",
        message: translate("file.notWorkflow", { name }),
        help: translate("file.notWorkflowHelp"),
      },
      { cause },
    );
  }
}
