import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Autoencoder } from "../../engine/models/autoencoder-kl/autoencoder.ts";
import { parseAutoencoderConfig } from "../../engine/models/autoencoder-kl/config.ts";
import { parseQwen3Config } from "../../engine/models/qwen3/config.ts";
import { Qwen3TextEncoder } from "../../engine/models/qwen3/text-encoder.ts";
import { PromptTokenizer } from "../../engine/models/qwen3/tokenizer.ts";
import { parseZImageConfig } from "../../engine/models/z-image/config.ts";
import { ZImageTransformer } from "../../engine/models/z-image/transformer.ts";
import { SessionPool } from "../../engine/runtime/session-pool.ts";
import { openWeightFolder } from "../../engine/weights/weight-set.ts";
import type { GoldenContext, GoldenTensor } from "./types.ts";

/** The sessions of one run of the golden cases. */
export const pool = new SessionPool({ memoryBudgetBytes: 4e9 });

export async function readJson(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path, "utf8"));
}

export function modelFolder({ root, case: { id, model } }: GoldenContext): string {
  if (model === null) throw new Error(`${id} names no model`);
  return join(root, model);
}

export async function loadTransformer(context: GoldenContext): Promise<ZImageTransformer> {
  const folder = join(modelFolder(context), "transformer");
  const config = parseZImageConfig(await readJson(join(folder, "config.json")), folder);
  return new ZImageTransformer(await openWeightFolder(folder), config, pool);
}

export async function loadTextEncoder(context: GoldenContext): Promise<Qwen3TextEncoder> {
  const folder = join(modelFolder(context), "text_encoder");
  const config = parseQwen3Config(await readJson(join(folder, "config.json")), folder);
  return new Qwen3TextEncoder(await openWeightFolder(folder), config, pool);
}

export async function loadAutoencoder(context: GoldenContext): Promise<Autoencoder> {
  const folder = join(modelFolder(context), "vae");
  const config = parseAutoencoderConfig(await readJson(join(folder, "config.json")), folder);
  return new Autoencoder(await openWeightFolder(folder), config, pool);
}

export const loadTokenizer = (context: GoldenContext): Promise<PromptTokenizer> =>
  PromptTokenizer.load(join(modelFolder(context), "tokenizer"));

export function tensor(context: GoldenContext, name: string): GoldenTensor {
  const found = context.inputs[name];
  if (found === undefined) throw new Error(`${context.case.id} has no input "${name}"`);
  return found;
}

export function floats(context: GoldenContext, name: string): Float32Array {
  const { data } = tensor(context, name);
  return data instanceof Float32Array ? data : Float32Array.from(data as Float64Array);
}

export function bytes(context: GoldenContext, name: string): Uint8Array {
  return tensor(context, name).data as Uint8Array;
}

export function ids(context: GoldenContext, name: string): number[] {
  return Array.from(tensor(context, name).data as BigInt64Array, Number);
}

/** Names of the inputs `prefix`, or `prefix.0`, `prefix.1` ... of a batch. */
export function batchNames(context: GoldenContext, prefix: string): string[] {
  if (context.inputs[prefix] !== undefined) return [prefix];
  const names: string[] = [];
  while (context.inputs[`${prefix}.${names.length}`] !== undefined) names.push(`${prefix}.${names.length}`);
  return names;
}
