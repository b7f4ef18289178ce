import type { Command } from "commander";
import type { ImportReport } from "../graph/importers/report.ts";
import type { Problem } from "../graph/problems.ts";
import { serializeWorkflow } from "../graph/serialize.ts";
import { validateWorkflow } from "../graph/validate.ts";
import { findDefinition } from "../nodes/definitions.ts";
import { note, printJson } from "./print.ts";
import { readWorkflowFile, reportOf, warningsOf } from "./workflow-file.ts";
import { writeWholeFile } from "./write-file.ts";

interface ImportOptions {
  out?: string;
  json?: boolean;
}

export function registerImport(program: Command): void {
  program
    .command("import")
    .description("turn another program's workflow (ComfyUI, A1111, fal, Runware) into Heddle's, and report on it")
    .argument("<file>", "workflow or request (.json), settings (.txt), or a picture with one inside")
    .option("--out <file>", "write the Heddle workflow here")
    .option("--json", "print the report as JSON, with the workflow unless --out names a place for it")
    .action((file: string, options: ImportOptions) => importFile(file, options));
}

export async function importFile(file: string, options: ImportOptions): Promise<void> {
  const opened = await readWorkflowFile(file);
  const report = reportOf(opened, findDefinition);
  const problems = [...warningsOf(opened), ...validateWorkflow(opened.document, findDefinition)];
  if (options.out !== undefined) await writeWholeFile(options.out, serializeWorkflow(opened.document));
  if (options.json) {
    const place = options.out === undefined ? { document: opened.document } : { out: options.out };
    printJson({ report, problems, ...place });
  } else {
    process.stdout.write(`${linesOf(report, problems).join("\n")}\n`);
    if (options.out !== undefined) note(`Written to ${options.out}.`);
  }
}

function linesOf({ summary, nodes, kept, notes }: ImportReport, problems: readonly Problem[]): string[] {
  const place = (nodeId: string | undefined) => (nodeId === undefined ? "" : `${nodeId}: `);
  const told = new Set(kept.map(({ nodeId }) => nodeId));
  return [
    summary,
    `nodes: ${nodes.total} in all, ${nodes.mapped} mapped, ${nodes.kept} kept, ${nodes.virtual} virtual`,
    ...kept.map(({ nodeId, message, help }) => `kept: ${place(nodeId)}${message} ${help}`),
    ...notes.map(({ nodeId, message, help }) => `note: ${place(nodeId)}${message} ${help}`),
    ...problems
      .filter(({ code, nodeId }) => !(code === "unknown-node" && nodeId !== undefined && told.has(nodeId)))
      .map(({ severity, nodeId, message, help }) => `${severity}: ${place(nodeId)}${message} ${help}`),
  ];
}
