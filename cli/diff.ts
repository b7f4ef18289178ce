import type { Command } from "commander";
import { diffWorkflows, type WorkflowChange } from "../graph/diff.ts";
import { ExitCode, setExitCode } from "./exit-code.ts";
import { printJson } from "./print.ts";
import { readWorkflowFile } from "./workflow-file.ts";

export function registerDiff(program: Command): void {
  program
    .command("diff")
    .description("tell how two workflows differ in what they do; exit code 1 when they do")
    .argument("<before>", "workflow (.json), or a picture with one inside")
    .argument("<after>")
    .option("--json", "print the changes as JSON")
    .action((before: string, after: string, options: { json?: boolean }) => diff(before, after, options));
}

export async function diff(before: string, after: string, options: { json?: boolean }): Promise<void> {
  const [first, second] = [await readWorkflowFile(before), await readWorkflowFile(after)];
  const changes = diffWorkflows(first.document, second.document);
  if (options.json) printJson({ same: changes.length === 0, changes });
  else for (const change of changes) process.stdout.write(`${describe(change)}\n`);
  if (changes.length > 0) setExitCode(ExitCode.failed);
}

function describe({ kind, nodeId, field, from, to }: WorkflowChange): string {
  const place = `${nodeId}.${field}`;
  const change = `${show(from)} → ${show(to)}`;
  switch (kind) {
    case "node-added":
      return `+ ${nodeId}: ${to}`;
    case "node-removed":
      return `- ${nodeId}: ${from}`;
    case "param-added":
      return `+ ${place} = ${show(to)}`;
    case "param-removed":
      return `- ${place} = ${show(from)}`;
    case "link-added":
      return `+ ${to} → ${place}`;
    case "link-removed":
      return `- ${from} → ${place}`;
    case "document-changed":
      return `~ ${field}: ${change}`;
    case "node-changed":
    case "param-changed":
      return `~ ${place}: ${change}`;
  }
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
