import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  encodeSafetensors,
  pseudoRandom,
  randomTensor,
  type TestTensor,
} from "../../../test/support/encode-safetensors.ts";
import { readFloats } from "../../weights/read-tensor.ts";
import type { TensorInfo } from "../../weights/tensor.ts";
import { openWeightFolder } from "../../weights/weight-set.ts";

const tiny = join(import.meta.dirname, "../../../test/golden/models/model_bf16");

/** Linear layers that plans give other forms (`precision/plan.ts`). */
const PLANNED = /\.(attention|feed_forward|self_attn)\..*\.weight$|^model\.layers\.\d+\.mlp\..*\.weight$/;
/** Sides of blocks that weights are quantised in are multiples of it. */
const BLOCK = 32;
/**
 * Sizes of the transformer, and what becomes of them. Heads whose size is no multiple of 4 are not taken by the runtime's
 * FlashAttention, which is wrong in SwiftShader; inputs of layers whose width is a multiple of 128 are rounded to 8 bits.
 */
const SIZES: Readonly<Record<number, number>> = { 48: 54, 128: 144, 192: 216 };
const HEAD = { size: 6, axes: [2, 2, 2] };

/**
 * Writes a tiny model whose linear layers lose nothing in blocks of `bits` bits, so that what a device computes under
 * `int4` or `int8` has to be what float32 gives. Its attention avoids FlashAttention; the VAE has none.
 *
 * @returns the folder
 */
export async function writeExactModel(folder: string, bits: 4 | 8): Promise<string> {
  await cp(tiny, folder, { recursive: true });
  const random = pseudoRandom(bits);
  await rewrite(folder, "text_encoder", "model.safetensors", (tensor) => onGrid(tensor, tensor.shape, bits, random));
  await rewrite(folder, "transformer", "diffusion_pytorch_model.safetensors", (tensor) => {
    const isHead = /\.norm_[qk]\.weight$/.test(tensor.name);
    return onGrid(tensor, isHead ? [HEAD.size] : tensor.shape.map((size) => SIZES[size] ?? size), bits, random);
  });
  const dim = SIZES[48]!;
  await configure(join(folder, "transformer"), {
    ...{ dim, n_heads: dim / HEAD.size, n_kv_heads: dim / HEAD.size, axes_dims: HEAD.axes },
  });
  await configure(join(folder, "vae"), { mid_block_add_attention: false });
  return folder;
}

/**
 * Writes a LoRA of rank 4 for some layers of that model.
 *
 * @returns the file
 */
export async function writeExactLora(file: string): Promise<string> {
  const random = pseudoRandom(3);
  const tensors: Record<string, TestTensor> = {};
  const layers = { "attention.to_q": [54, 54], "attention.to_out.0": [54, 54], "feed_forward.w2": [144, 54] } as const;
  for (const [layer, [inFeatures, outFeatures]] of Object.entries(layers)) {
    const path = `transformer.layers.1.${layer}`;
    tensors[`${path}.lora_A.weight`] = randomTensor(random, 4, inFeatures);
    tensors[`${path}.lora_B.weight`] = randomTensor(random, outFeatures, 4);
  }
  await writeFile(file, encodeSafetensors(tensors));
  return file;
}

async function rewrite(
  model: string,
  part: string,
  file: string,
  change: (tensor: TensorInfo) => Promise<TestTensor>,
): Promise<void> {
  const folder = join(model, part);
  const { tensors } = await openWeightFolder(folder);
  const changed: Record<string, TestTensor> = {};
  for (const [name, tensor] of tensors) changed[name] = await change(tensor);
  await rm(folder, { recursive: true });
  await mkdir(folder);
  await cp(join(tiny, part, "config.json"), join(folder, "config.json"));
  await writeFile(join(folder, file), encodeSafetensors(changed));
}

async function configure(folder: string, changes: Record<string, unknown>): Promise<void> {
  const file = join(folder, "config.json");
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), ...changes }));
}

/**
 * A tensor of that shape. A linear layer gets weights such that each block has the steps that its extreme value says: whole
 * numbers from -2^(bits - 1), which each block has, to one less above, in half of the rows with the other sign, times a
 * power of two. Others get the values of `tensor`, again and again.
 */
async function onGrid(
  tensor: TensorInfo,
  shape: readonly number[],
  bits: 4 | 8,
  random: () => number,
): Promise<TestTensor> {
  const [rows = 0, columns = 1] = shape;
  if (shape.length !== 2 || !PLANNED.test(tensor.name)) {
    const values = await readFloats(tensor);
    const length = shape.reduce((product, size) => product * size, 1);
    return { shape, data: Float32Array.from({ length }, (_, i) => values[i % values.length]!) };
  }
  const extreme = 2 ** (bits - 1);
  const step = 2 ** Math.round(Math.log2(1.7 / (extreme * Math.sqrt(columns))));
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const sign = row % 2 === 0 ? step : -step;
    for (let column = 0; column < columns; column++) {
      const whole = column % BLOCK === 0 ? -extreme : Math.floor(random() * extreme);
      data[row * columns + column] = whole * sign;
    }
  }
  return { shape, data };
}
