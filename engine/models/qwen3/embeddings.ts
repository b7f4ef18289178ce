import { HeddleError } from "../../../common/errors.ts";
import { bytesToFloats, readRanges } from "../../weights/read-tensor.ts";
import { sliceRows } from "../../weights/tensor.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { Weights } from "../weights-of.ts";
import type { Qwen3Config } from "./config.ts";

/** The table has a row for each token; a language model with tied embeddings also ends with it. */
export const EMBEDDING_PATH = "model.embed_tokens";

/**
 * Rows of the embedding table: Float32Array `[ids.length, hidden]`. The table is as large as a small model, so only the
 * rows of these tokens are read from the file.
 * @throws HeddleError `token-unknown` for an id outside the vocabulary.
 */
export async function readEmbeddings(
  weights: WeightSet,
  { hidden, vocabulary }: Qwen3Config,
  ids: readonly number[],
): Promise<Float32Array> {
  const table = new Weights(weights).get(`${EMBEDDING_PATH}.weight`, [vocabulary, hidden]);
  const outside = ids.find((id) => id < 0 || id >= vocabulary);
  if (outside !== undefined) {
    throw new HeddleError({
      code: "token-unknown",
      message: `The tokenizer gives the token ${outside}, but this text encoder knows only ${vocabulary}.`,
      help: "The tokenizer and the text encoder belong to different models. Put the right tokenizer beside the encoder.",
      details: { token: outside, vocabulary },
    });
  }
  const distinct = [...new Set(ids)];
  const rows = distinct.map((id) => sliceRows(table, id, 1));
  const bytes = await readRanges(table.path, rows);
  const rowOf = new Map(distinct.map((id, i) => [id, bytesToFloats(bytes[i]!, rows[i]!)]));
  const embeddings = new Float32Array(ids.length * hidden);
  for (const [i, id] of ids.entries()) embeddings.set(rowOf.get(id)!, i * hidden);
  return embeddings;
}
