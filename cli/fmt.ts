import type { Command } from "commander";
import { upgradeNodes } from "../graph/migrations/nodes.ts";
import { parseWorkflowText } from "../graph/parse.ts";
import { serializeWorkflow } from "../graph/serialize.ts";
import { findDefinition } from "../nodes/definitions.ts";
import { ExitCode, setExitCode } from "./exit-code.ts";
import { note, printWarning } from "./print.ts";
import { readWholeFile } from "./workflow-file.ts";
import { writeWholeFile } from "./write-file.ts";

interface FormatOptions {
  check?: boolean;
  upgrade?: boolean;
}

export function registerFmt(program: Command): void {
  program
    .command("fmt")
    .description("write a Heddle workflow file in its usual order and layout")
    .argument("<file>", "workflow (.json)")
    .option("--check", "change nothing; exit code 1 when the file would change")
    .option("--upgrade", "bring nodes that were made with an older version to the present one")
    .action((file: string, options: FormatOptions) => format(file, options));
}

/** Only Heddle's own documents: what another program wrote is imported, not formatted. */
export async function format(file: string, options: FormatOptions): Promise<void> {
  const before = new TextDecoder().decode(await readWholeFile(file));
  const { document, repairs } = parseWorkflowText(before);
  const { document: result, upgraded } = options.upgrade
    ? upgradeNodes(document, findDefinition)
    : { document, upgraded: [] };
  const after = serializeWorkflow(result);
  if (before === after) return;
  if (options.check) {
    note(`${file} is not in the usual form.`);
    return setExitCode(ExitCode.failed);
  }
  for (const repair of repairs) printWarning(repair);
  await writeWholeFile(file, after);
  note(`${file} was written anew.${upgraded.length > 0 ? ` Upgraded: ${upgraded.join(", ")}.` : ""}`);
}
