import { realpath } from "node:fs/promises";
import { HeddleError } from "../../common/errors.ts";
import { combineLoras } from "../../engine/lora/combine-loras.ts";
import { linearModules } from "../../engine/lora/linear-modules.ts";
import type { LinearModules } from "../../engine/lora/lora-types.ts";
import { parseLora } from "../../engine/lora/parse-lora.ts";
import { openGgufFile } from "../../engine/weights/gguf/read-gguf.ts";
import { openCheckpointFiles } from "../../engine/weights/layouts/open-checkpoint.ts";
import { readFloats } from "../../engine/weights/read-tensor.ts";
import { readSafetensorsHeader } from "../../engine/weights/safetensors.ts";
import { elementCount, type TensorInfo } from "../../engine/weights/tensor.ts";
import { type FileKind, modelFolder } from "./corpus.ts";

/** Larger tensors are not read: the corpus has none, and a header cannot make one that passes the checks. */
const MOST_VALUES = 1_000_000;

export async function transformerModules(): Promise<LinearModules> {
  return linearModules((await openCheckpointFiles(modelFolder)).transformer!.weights.tensors);
}

/**
 * Opens a damaged file as the engine would and reads all of it.
 *
 * @returns "loaded", or the code of the HeddleError it was refused with.
 * @throws anything else, which is what the fuzzing is there to find.
 */
export async function checkFile(kind: FileKind, path: string, size: number, modules: LinearModules): Promise<string> {
  try {
    if (kind === "lora") await checkLora(path, size, modules);
    else if (kind === "gguf") await checkTensors((await openGgufFile(path)).tensors.values(), path, size);
    else await checkTensors((await readSafetensorsHeader(path)).tensors.values(), path, size);
    if (kind !== "lora") await openCheckpointFiles(path, { modelsFolders: [modelFolder] });
    return "loaded";
  } catch (error) {
    if (error instanceof HeddleError && error.message !== "" && error.help !== "") return error.code;
    throw error;
  }
}

async function checkTensors(tensors: Iterable<TensorInfo>, path: string, size: number): Promise<void> {
  const real = await realpath(path);
  for (const tensor of tensors) {
    const { offset, byteLength, shape, name } = tensor;
    if (tensor.path !== real) throw new Error(`${name} is read from ${tensor.path}`);
    if (!(offset >= 0 && byteLength >= 0 && offset + byteLength <= size))
      throw new Error(`${name} is outside the file`);
    const count = elementCount(shape);
    if (count > MOST_VALUES) throw new Error(`${name} has ${count} values`);
    if ((await readFloats(tensor)).length !== count) throw new Error(`${name} is shorter than its shape`);
  }
}

async function checkLora(path: string, size: number, modules: LinearModules): Promise<void> {
  const file = await readSafetensorsHeader(path);
  await checkTensors(file.tensors.values(), path, size);
  const lora = await parseLora(file, modules, {
    readBaseWeight: async (_, module) => new Float32Array(sizeOf(modules, module)).fill(0.5),
  });
  const { applied, total, unapplied, duplicates } = lora.report;
  if (total !== file.tensors.size || applied + unapplied.length + duplicates.length !== total) {
    throw new Error(`${applied} applied, ${unapplied.length} not, ${duplicates.length} repeated, of ${total}`);
  }
  for (const [module, { rank, a, b }] of await combineLoras([{ lora, weight: 0.5 }])) {
    const { inFeatures, outFeatures } = modules.get(module)!;
    if (a.length !== inFeatures * rank || b.length !== rank * outFeatures) throw new Error(`factors of ${module}`);
  }
}

function sizeOf(modules: LinearModules, module: string): number {
  const { inFeatures, outFeatures } = modules.get(module)!;
  return inFeatures * outFeatures;
}
