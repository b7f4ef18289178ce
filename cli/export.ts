import type { Command } from "commander";
import { exportComfyUi } from "../graph/exporters/comfyui.ts";
import { findDefinition } from "../nodes/definitions.ts";
import { note } from "./print.ts";
import { readWorkflowFile } from "./workflow-file.ts";
import { writeWholeFile } from "./write-file.ts";

export function registerExport(program: Command): void {
  program
    .command("export")
    .description("write a workflow in ComfyUI's API format")
    .argument("<file>", "workflow (.json), or a picture with one inside")
    .option("--out <file>", "write it here instead of to the terminal")
    .action((file: string, options: { out?: string }) => exportFile(file, options));
}

export async function exportFile(file: string, options: { out?: string }): Promise<void> {
  const { document } = await readWorkflowFile(file);
  const text = exportComfyUi(document, findDefinition);
  if (options.out === undefined) {
    process.stdout.write(text);
    return;
  }
  await writeWholeFile(options.out, text);
  note(`Written to ${options.out}.`);
}
