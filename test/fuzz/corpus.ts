import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { blockFormats } from "../../engine/weights/gguf/block-formats.ts";
import { readTensorBytes } from "../../engine/weights/read-tensor.ts";
import { quantisedTypes } from "../../engine/weights/tensor.ts";
import { openWeightFile } from "../../engine/weights/weight-set.ts";
import { encodeGguf, type GgufTensor } from "../support/encode-gguf.ts";
import { encodeSafetensors, pseudoRandom, randomTensor } from "../support/encode-safetensors.ts";

const golden = join(import.meta.dirname, "../golden");
export const modelFolder = join(golden, "models/model_bf16");

export type FileKind = "checkpoint" | "gguf" | "lora";

export interface Specimen {
  readonly kind: FileKind;
  readonly name: string;
  readonly bytes: Buffer;
}

const loras = [
  "peft_metadata_alpha",
  "comfy_fused_qkv_alpha",
  "kohya_attention_out",
  "dot_format_redundant",
  "lokr_lycoris",
  "lokr_fused_qkv",
  "loha_lycoris",
];

/** Valid files of every kind, small enough for thousands of cases. */
export async function corpus(): Promise<Specimen[]> {
  const specimens: Specimen[] = [];
  for (const name of ["layouts/ae", "layouts/qwen_3_tiny", "models/controlnet_v1/diffusion_pytorch_model"]) {
    specimens.push({ kind: "checkpoint", name, bytes: await readFile(join(golden, `${name}.safetensors`)) });
  }
  specimens.push({ kind: "gguf", name: "text encoder", bytes: await textEncoderAsGguf() });
  specimens.push({ kind: "gguf", name: "every block type", bytes: everyBlockType() });
  for (const name of loras) {
    specimens.push({ kind: "lora", name, bytes: await readFile(join(golden, "loras", `${name}.safetensors`)) });
  }
  specimens.push({ kind: "lora", name: "dora and differences", bytes: doraAndDifferences() });
  return specimens;
}

async function textEncoderAsGguf(): Promise<Buffer> {
  const { tensors } = await openWeightFile(join(golden, "layouts/qwen_3_tiny.safetensors"));
  const entries: [string, GgufTensor][] = [];
  for (const [name, tensor] of tensors) {
    entries.push([name, { shape: tensor.shape, type: 30, bytes: await readTensorBytes(tensor) }]);
  }
  return encodeGguf(Object.fromEntries(entries), { "general.architecture": "qwen3", "a.list": [1, 2, 3] });
}

const ggmlTypes = { Q4_0: 2, Q4_1: 3, Q5_0: 6, Q5_1: 7, Q8_0: 8, Q4_K: 12, Q5_K: 13, Q6_K: 14 };

function everyBlockType(): Buffer {
  const random = pseudoRandom(1);
  const tensors = quantisedTypes.map((type) => {
    const bytes = Uint8Array.from({ length: 4 * blockFormats[type].bytes }, () => random() * 128 + 128);
    return [`${type}.weight`, { shape: [2, 2 * blockFormats[type].values], type: ggmlTypes[type], bytes }] as const;
  });
  return encodeGguf(Object.fromEntries(tensors));
}

function doraAndDifferences(): Buffer {
  const random = pseudoRandom(2);
  const module = "diffusion_model.layers.0.attention";
  return encodeSafetensors({
    [`${module}.to_q.lora_A.weight`]: randomTensor(random, 2, 48),
    [`${module}.to_q.lora_B.weight`]: randomTensor(random, 48, 2),
    [`${module}.to_q.dora_scale`]: randomTensor(random, 48, 1),
    [`${module}.to_k.diff`]: randomTensor(random, 48, 48),
    [`${module}.to_k.diff_b`]: randomTensor(random, 48),
  });
}
