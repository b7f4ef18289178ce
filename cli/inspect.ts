import { open } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import { HeddleError } from "../common/errors.ts";
import { readEmbedded } from "../graph/embedding/embedded.ts";
import { openAnyWorkflow } from "../graph/importers/index.ts";
import { findDefinition } from "../nodes/definitions.ts";
import { fileErrorReason } from "../server/services/file-errors.ts";
import { heddleFolders } from "../server/services/home.ts";
import { describeLora } from "./inspect-lora.ts";
import { describeWeights } from "./inspect-weights.ts";
import { describePicture, describeWorkflow } from "./inspect-workflow.ts";
import type { Inspection } from "./inspection.ts";
import { printJson } from "./print.ts";
import { readWholeFile } from "./workflow-file.ts";

const starterModel = path.join(heddleFolders().resources, "starter-model", "base");

export function registerInspect(program: Command): void {
  program
    .command("inspect")
    .description("tell what is in a weight file (.safetensors), a workflow or a picture")
    .argument("<file>")
    .option("--model <path>", "the checkpoint that a LoRA is matched with; the starter model when absent")
    .option("--json", "print everything as JSON")
    .action(async (file: string, options: { json?: boolean; model?: string }) => {
      const { facts, lines } = await inspectFile(file, options.model);
      if (options.json) printJson(facts);
      else process.stdout.write(`${lines.join("\n")}\n`);
    });
}

/** @throws HeddleError when the file cannot be read or is none of these */
export async function inspectFile(file: string, model = starterModel): Promise<Inspection> {
  if (await looksLikeSafetensors(file)) {
    const [weights, lora] = [await describeWeights(file), await describeLora(file, model)];
    if (lora === undefined) return weights;
    return { facts: { ...weights.facts, lora: lora.facts }, lines: [...weights.lines, ...lora.lines] };
  }
  const bytes = await readWholeFile(file);
  const embedded = readEmbedded(bytes);
  return embedded
    ? describePicture(bytes, embedded)
    : describeWorkflow(openAnyWorkflow(bytes, { definitions: findDefinition }));
}

/** By name, or by what it begins with: the header's length in 8 bytes, then its opening brace. */
async function looksLikeSafetensors(file: string): Promise<boolean> {
  if (/\.(safetensors|sft)$/i.test(file)) return true;
  const handle = await open(file, "r").catch((cause: unknown) => {
    throw new HeddleError(
      {
        code: "file-unreadable",
        message: `"${file}" cannot be read, because ${fileErrorReason(cause)}.`,
        help: "Check the path, and that you may read the file.",
        details: { path: file },
      },
      { cause },
    );
  });
  try {
    if ((await handle.stat()).isDirectory()) {
      throw new HeddleError({
        code: "file-unreadable",
        message: `"${file}" is a folder.`,
        help: "Name one file: weights (.safetensors), a workflow, or a picture.",
        details: { path: file },
      });
    }
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(9), 0, 9, 0);
    return bytesRead === 9 && buffer[8] === 0x7b && buffer.readUInt32LE(4) === 0;
  } finally {
    await handle.close();
  }
}
