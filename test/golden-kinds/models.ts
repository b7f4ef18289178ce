import {
  batchNames,
  floats,
  ids,
  loadAutoencoder,
  loadTextEncoder,
  loadTokenizer,
  loadTransformer,
  tensor,
} from "./load.ts";
import type { GoldenContext, GoldenKind } from "./types.ts";

/** One forward pass per batch item, each with its own caption. */
const transformer: GoldenKind = async (context) => {
  const model = await loadTransformer(context);
  const outputs: Record<string, Float32Array> = {};
  const captions = batchNames(context, "cap");
  for (const [i, name] of batchNames(context, "x").entries()) {
    const [, , height, width] = tensor(context, name).shape;
    const caption = tensor(context, captions[i]!);
    const times = floats(context, "t");
    const run = await model.prepare(
      { embeddings: floats(context, captions[i]!), tokens: caption.shape[0]! },
      { height: height!, width: width! },
    );
    outputs[name.replace("x", "output")] = await model.forward(floats(context, name), times[i] ?? times[0]!, run);
  }
  return outputs;
};

/** A right-padded batch: padding follows the real tokens, and causal attention never looks ahead. */
const textEncoder: GoldenKind = async (context) => {
  const model = await loadTextEncoder(context);
  const outputs: Record<string, Float32Array> = {};
  for (const [name, expected] of Object.entries(context.case.expected)) {
    const suffix = name.replace("hidden", "");
    const input = context.inputs[`input_ids${suffix}`] === undefined ? "input_ids" : `input_ids${suffix}`;
    const row = suffix === "" || input !== "input_ids" ? 0 : Number(suffix.slice(1));
    outputs[name] = await model.encode(rowOf(context, input, row, expected.shape[0]!));
  }
  return outputs;
};

function rowOf(context: GoldenContext, name: string, row: number, length: number): number[] {
  const all = ids(context, name);
  const { shape } = tensor(context, name);
  const width = shape.length === 2 ? shape[1]! : all.length;
  return all.slice(row * width, row * width + length);
}

const tokenizer: GoldenKind = async (context) => {
  const model = await loadTokenizer(context);
  const bytes = tensor(context, "prompt_utf8").data as Uint8Array;
  const prompt = bytes.length === 1 && bytes[0] === 0 ? "" : new TextDecoder().decode(bytes);
  const raw = model.encode(prompt);
  return {
    ids_raw: BigInt64Array.from(raw.length === 0 ? [-1] : raw, BigInt),
    ids_chat: BigInt64Array.from(model.encodePrompt(prompt, Number.POSITIVE_INFINITY).ids, BigInt),
  };
};

const vaeDecode: GoldenKind = async (context) => {
  const model = await loadAutoencoder(context);
  const [, , height, width] = tensor(context, "latents").shape;
  const z = model.unscale(floats(context, "latents"));
  return { image: await model.decode(z, { height: height!, width: width! }) };
};

const vaeEncode: GoldenKind = async (context) => {
  const model = await loadAutoencoder(context);
  const [, , height, width] = tensor(context, "image").shape;
  const { mean, logVariance } = await model.encode(floats(context, "image"), { height: height!, width: width! });
  return { mean, logvar: logVariance, latents: model.scale(mean) };
};

export const modelKinds: Record<string, GoldenKind> = {
  transformer,
  text_encoder: textEncoder,
  tokenizer,
  vae_decode: vaeDecode,
  vae_encode: vaeEncode,
};
