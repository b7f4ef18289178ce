/**
 * How the linear layers of a model compute:
 *
 * - `reference`: float32, as the reference implementations.
 * - `h8`: 8-bit integers on both sides. Inputs and weights are rotated by a block Hadamard matrix, which spreads outliers;
 *   inputs are then scaled per token, weights per output channel.
 * - `w16`: weights and inputs as the sum of two 8-bit integers, three integer products. Finer than bfloat16.
 * - `int8`, `int4`: weights in blocks along the input, inputs as they come (`MatMulNBits`).
 * - `fp16`: products in half precision, scaled where Z-Image overflows; everything between them in float32.
 */
export const precisionPlans = ["reference", "h8", "w16", "int8", "int4", "fp16"] as const;
export type PrecisionPlan = (typeof precisionPlans)[number];

/** How the pictures of a VAE are decoded, which computes in float32 in either case: at once, or in strips of whole rows. */
export const vaePlans = ["whole", "strips"] as const;
export type VaePlan = (typeof vaePlans)[number];

/** `auto` chooses by size, memory and device. */
export type PrecisionSetting = PrecisionPlan | "auto";

/** What is wanted for the parts of a model; what is not said is `auto`, or what is said of all models. */
export interface PartPlans {
  readonly transformer?: PrecisionSetting | undefined;
  readonly textEncoder?: PrecisionSetting | undefined;
  readonly vae?: VaePlan | "auto" | undefined;
}

/** Plans whose weights are made from the checkpoint's once and kept on disk. */
export const isDerived = (plan: PrecisionPlan): boolean => plan !== "reference" && plan !== "fp16";

/** What becomes of one layer under a plan. */
export type LinearForm =
  | { readonly kind: "float" }
  | { readonly kind: "half" }
  /** Rotated in blocks of `rotation` inputs. */
  | { readonly kind: "rotated"; readonly rotation: number }
  | { readonly kind: "split" }
  | { readonly kind: "blocks"; readonly bits: 4 | 8; readonly blockSize: number };

/** The widest rotation first; a width that is a multiple of none is not rotated and stays in float32. */
const ROTATIONS = [128, 64, 32];
const BLOCK_SIZE = { int8: 128, int4: 32 } as const;

/**
 * The layers that take nearly all of the time: projections of attention and feed-forward. Embedders, modulation and the
 * final layer see few rows or few columns and steer everything else, so they stay in float32 under every plan but `fp16`.
 */
const heavy = /\.(attention|feed_forward|self_attn)\.|\blayers\.\d+\.mlp\./;

/** The output layer of a language model: read whole for every token, and larger than any other. Never below 8 bits. */
const outputLayer = /^(lm_head|model\.embed_tokens)$/;

/** @param path of the layer, as in the checkpoint: `layers.0.attention.to_q`. */
export function linearForm(plan: PrecisionPlan, path: string, inFeatures: number): LinearForm {
  const isOutput = outputLayer.test(path);
  if (plan === "reference" || !(isOutput || heavy.test(path))) return { kind: "float" };
  if (plan === "fp16") return { kind: "half" };
  if (plan === "w16") return { kind: "split" };
  if (plan === "int8" || isOutput) return { kind: "blocks", bits: 8, blockSize: BLOCK_SIZE.int8 };
  if (plan === "int4") return { kind: "blocks", bits: 4, blockSize: BLOCK_SIZE.int4 };
  const rotation = ROTATIONS.find((size) => inFeatures % size === 0);
  return rotation === undefined ? { kind: "float" } : { kind: "rotated", rotation };
}
