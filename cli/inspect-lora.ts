import { HeddleError } from "../common/errors.ts";
import { createEngine } from "../engine/engine.ts";
import { inspectionLines } from "../engine/lora/inspect-lora.ts";
import { splitKey } from "../engine/lora/lora-keys.ts";
import { readSafetensorsHeader } from "../engine/weights/safetensors.ts";
import type { Inspection } from "./inspection.ts";

/**
 * What a LoRA changes in a model (a checkpoint's folder or file), from both files' headers and the LoRA's own weights;
 * `undefined` for a file that is no LoRA.
 *
 * @throws HeddleError what opening the model throws
 */
export async function describeLora(file: string, model: string): Promise<Inspection | undefined> {
  const { path, tensors } = await readSafetensorsHeader(file);
  if (![...tensors.keys()].some((name) => splitKey(name) !== undefined)) return undefined;
  const engine = createEngine();
  try {
    const checkpoint = await engine.openCheckpoint(model);
    const inspection = await engine.inspectLora({ kind: "file", path, fingerprint: path }, checkpoint.model);
    return {
      facts: { ...inspection, model: checkpoint.name },
      lines: [`LoRA, matched with ${checkpoint.name}:`, ...inspectionLines(inspection)],
    };
  } catch (error) {
    if (!(error instanceof HeddleError) || error.code !== "lora-no-match") throw error;
    return {
      facts: { applied: 0, total: tensors.size, problem: error.message },
      lines: [`LoRA: ${error.message} Name another model with --model.`],
    };
  } finally {
    await engine.dispose();
  }
}
