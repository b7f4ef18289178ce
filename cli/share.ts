import type { Command } from "commander";
import { HeddleError } from "../common/errors.ts";
import { readEmbedded } from "../graph/embedding/embedded.ts";
import { stripMetadata } from "../graph/embedding/strip-metadata.ts";
import { withoutPrivateData } from "../graph/private-data.ts";
import { serializeWorkflow } from "../graph/serialize.ts";
import { findDefinition } from "../nodes/definitions.ts";
import { note } from "./print.ts";
import { readWholeFile, readWorkflowFile } from "./workflow-file.ts";
import { writeWholeFile } from "./write-file.ts";

export function registerShare(program: Command): void {
  program
    .command("share")
    .description("write a copy without private data: a workflow without paths and pictures, a picture without metadata")
    .argument("<file>", "workflow (.json) or picture")
    .requiredOption("--out <file>", "where the copy goes")
    .action((file: string, { out }: { out: string }) => share(file, out));
}

async function share(file: string, out: string): Promise<void> {
  const bytes = await readWholeFile(file);
  if (readEmbedded(bytes)) {
    const stripped = stripMetadata(bytes);
    if (!stripped) {
      throw new HeddleError({
        code: "picture-damaged",
        message: `"${file}" is cut off or damaged.`,
        help: "Save the picture anew, and try again.",
      });
    }
    await writeWholeFile(out, stripped);
  } else {
    const { document } = await readWorkflowFile(file);
    await writeWholeFile(out, serializeWorkflow(withoutPrivateData(document, findDefinition)));
  }
  note(`Written to ${out}.`);
}
