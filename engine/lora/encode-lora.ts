import { encodeSafetensorsFile, type WrittenTensor, type WrittenType } from "../weights/encode-safetensors.ts";
import type { LoraPart } from "./lora-types.ts";

/**
 * A LoRA as a safetensors file, under the names that diffusers and PEFT use and every tool reads
 * (`transformer.layers.0.attention.to_q.lora_A.weight`); alpha is the rank, so nothing is scaled on reading.
 */
export async function encodeLora(
  { updates, biasDiffs }: LoraPart,
  type: WrittenType,
  metadata: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const tensors = new Map<string, WrittenTensor>();
  for (const [module, update] of updates) {
    const name = `transformer.${module}`;
    const { inFeatures, outFeatures } = update;
    if (update.kind === "full") {
      tensors.set(`${name}.diff`, { shape: [outFeatures, inFeatures], values: await update.delta() });
      continue;
    }
    const { rank, down, up } = update;
    tensors.set(`${name}.lora_A.weight`, { shape: [rank, inFeatures], values: down });
    tensors.set(`${name}.lora_B.weight`, { shape: [outFeatures, rank], values: transposed(up, rank, outFeatures) });
  }
  for (const [module, bias] of biasDiffs) {
    tensors.set(`transformer.${module}.diff_b`, { shape: [bias.length], values: bias });
  }
  return encodeSafetensorsFile(tensors, type, { format: "pt", ...metadata });
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j]!;
  return result;
}
