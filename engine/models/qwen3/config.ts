import { z } from "zod";
import { HeddleError } from "../../../common/errors.ts";
import { issuesInWords, type Words } from "../../../common/words.ts";

/** `text_encoder/config.json` of a Qwen3 text encoder. */
const schema = z.looseObject({
  hidden_size: z.int().positive(),
  intermediate_size: z.int().positive(),
  num_hidden_layers: z.int().min(2),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive(),
  head_dim: z.int().positive().optional(),
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().optional(),
  rope_parameters: z.looseObject({ rope_theta: z.number().positive() }).optional(),
  vocab_size: z.int().positive(),
  attention_bias: z.boolean().default(false),
});

export interface Qwen3Config {
  readonly hidden: number;
  readonly intermediate: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly normEps: number;
  readonly ropeTheta: number;
  readonly vocabulary: number;
}

/** @throws HeddleError `config-invalid` */
export function parseQwen3Config(json: unknown, path: string): Qwen3Config {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const problems = issuesInWords(parsed.error);
    throw invalidEncoder(path, z.prettifyError(parsed.error), { cause: "text-encoder", problems });
  }
  const c = parsed.data;
  const headDim = c.head_dim ?? c.hidden_size / c.num_attention_heads;
  const ropeTheta = c.rope_theta ?? c.rope_parameters?.rope_theta;
  if (ropeTheta === undefined) throw invalidEncoder(path, "it names no rope_theta", { cause: "text-encoder-theta" });
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    throw invalidEncoder(path, `heads of size ${headDim} are not possible`, {
      cause: "text-encoder-head-size",
      headDim,
    });
  }
  if (c.num_attention_heads % c.num_key_value_heads !== 0) {
    const [heads, keyHeads] = [c.num_attention_heads, c.num_key_value_heads];
    throw invalidEncoder(path, `${heads} heads cannot share ${keyHeads} key heads`, {
      cause: "text-encoder-heads",
      heads,
      keyHeads,
    });
  }
  if (c.attention_bias) {
    throw invalidEncoder(path, "attention biases are not known in this family", { cause: "text-encoder-bias" });
  }
  return {
    hidden: c.hidden_size,
    intermediate: c.intermediate_size,
    layers: c.num_hidden_layers,
    heads: c.num_attention_heads,
    kvHeads: c.num_key_value_heads,
    headDim,
    normEps: c.rms_norm_eps,
    ropeTheta,
    vocabulary: c.vocab_size,
  };
}

type Fault =
  | { cause: "text-encoder"; problems: readonly Words[] }
  | { cause: "text-encoder-head-size"; headDim: number }
  | { cause: "text-encoder-heads"; heads: number; keyHeads: number }
  | { cause: "text-encoder-theta" | "text-encoder-bias" };

function invalidEncoder(path: string, what: string, fault: Fault): HeddleError {
  return new HeddleError({
    code: "config-invalid",
    message: `The configuration of the text encoder "${path}" cannot be used: ${what}.`,
    help: "Download the text encoder’s config.json again, or choose another text encoder.",
    details: { path, ...fault },
  });
}
