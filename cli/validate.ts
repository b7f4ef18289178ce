import type { Command } from "commander";
import { errorsOf, validateWorkflow } from "../graph/validate.ts";
import { findDefinition } from "../nodes/definitions.ts";
import { ExitCode, setExitCode } from "./exit-code.ts";
import { printJson, printProblems } from "./print.ts";
import { readWorkflowFile, warningsOf } from "./workflow-file.ts";

export function registerValidate(program: Command): void {
  program
    .command("validate")
    .description("tell everything that is wrong with a workflow; exit code 2 when it cannot run")
    .argument("<file>", "workflow (.json), or a picture with one inside")
    .option("--json", "print the problems as JSON")
    .action((file: string, options: { json?: boolean }) => validate(file, options));
}

export async function validate(file: string, options: { json?: boolean }): Promise<void> {
  const opened = await readWorkflowFile(file);
  const problems = [...warningsOf(opened), ...validateWorkflow(opened.document, findDefinition)];
  const errors = errorsOf(problems).length;
  if (options.json) printJson({ valid: errors === 0, problems });
  else {
    printProblems(problems);
    process.stdout.write(
      errors === 0 ? "The workflow can run.\n" : `The workflow cannot run: ${errors} to put right.\n`,
    );
  }
  if (errors > 0) setExitCode(ExitCode.badInput);
}
