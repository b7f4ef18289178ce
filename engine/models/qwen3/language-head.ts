import { HeddleError } from "../../../common/errors.ts";
import { readFloats } from "../../weights/read-tensor.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { EMBEDDING_PATH } from "./embeddings.ts";

const NORM = "model.norm.weight";
const HEAD_PATH = "lm_head";

/**
 * The path of the layer that makes logits: an own one, or the embedding table where the two are tied.
 * @param json the text encoder's `config.json`
 * @throws HeddleError `language-model-missing` for a text encoder that cannot write, saying why
 */
export async function languageHead(weights: WeightSet, json: Readonly<Record<string, unknown>>): Promise<string> {
  const norm = weights.tensors.get(NORM);
  if (norm === undefined) {
    throw cannotWrite(weights, "it has no final norm, which only writing needs", "no-norm");
  }
  // Training moves every value of a norm; ones are what it starts from.
  if ((await readFloats(norm)).every((value) => value === 1)) {
    throw cannotWrite(weights, "it was trained to read prompts only", "reads-only");
  }
  if (weights.tensors.has(`${HEAD_PATH}.weight`)) return HEAD_PATH;
  if (json.tie_word_embeddings === false) {
    throw cannotWrite(weights, "it has no output layer (lm_head)", "no-head");
  }
  return EMBEDDING_PATH;
}

function cannotWrite({ path }: WeightSet, why: string, cause: "no-norm" | "reads-only" | "no-head"): HeddleError {
  return new HeddleError({
    code: "language-model-missing",
    message: `The text encoder "${path}" cannot write: ${why}.`,
    help: "Use the whole text encoder of Z-Image (Qwen3-4B, the folder text_encoder). Without one, Wildcards ({a|b}, __file__) and Text Template vary prompts with any model.",
    field: "textEncoder",
    details: { path, cause },
  });
}
