import { z } from "zod";
import { HeddleError } from "../../../common/errors.ts";
import { issuesInWords, type Words } from "../../../common/words.ts";

/** `transformer/config.json` of a Z-Image checkpoint (`ZImageTransformer2DModel`). */
const schema = z.looseObject({
  dim: z.int().positive(),
  n_layers: z.int().positive(),
  n_refiner_layers: z.int().min(0),
  n_heads: z.int().positive(),
  n_kv_heads: z.int().positive().optional(),
  in_channels: z.int().positive(),
  cap_feat_dim: z.int().positive(),
  norm_eps: z.number().positive(),
  qk_norm: z.boolean().default(true),
  rope_theta: z.number().positive(),
  t_scale: z.number().positive().default(1000),
  axes_dims: z.array(z.int().positive()).length(3),
  axes_lens: z.array(z.int().positive()).length(3),
  all_patch_size: z.array(z.int()).default([2]),
  all_f_patch_size: z.array(z.int()).default([1]),
});

export interface ZImageConfig {
  readonly dim: number;
  readonly layers: number;
  readonly refinerLayers: number;
  readonly heads: number;
  readonly headDim: number;
  /** Width of the feed-forward layers. */
  readonly ffnDim: number;
  /** Width of the time embedding that modulates the blocks. */
  readonly adalnDim: number;
  /** Channels of the latents. */
  readonly channels: number;
  readonly captionDim: number;
  readonly normEps: number;
  readonly ropeTheta: number;
  /** The time in [0, 1] is multiplied by this before it is embedded. */
  readonly timeScale: number;
  /** Parts of a head's dimension that rotate with frame, row and column. */
  readonly axesDims: readonly [number, number, number];
  /** Positions per axis that the model was built for. */
  readonly axesLens: readonly [number, number, number];
}

/** Side of a patch in latent pixels. */
export const PATCH = 2;
/** Caption and image tokens are padded to multiples of this. */
export const TOKEN_MULTIPLE = 32;
/** Sinusoidal features of the time embedding. */
export const TIME_FEATURES = 256;
/** Middle width of the time embedder, whatever the model's width. */
export const TIME_HIDDEN = 1024;

/** @throws HeddleError `config-invalid` */
export function parseZImageConfig(json: unknown, path: string): ZImageConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw wrongConfig(path, parsed.error);
  const c = parsed.data;
  const headDim = c.dim / c.n_heads;
  if (!Number.isInteger(headDim)) {
    throw invalidConfig(path, `dim ${c.dim} cannot be split into ${c.n_heads} heads`, {
      cause: "heads",
      dim: c.dim,
      heads: c.n_heads,
    });
  }
  if (c.axes_dims[0]! + c.axes_dims[1]! + c.axes_dims[2]! !== headDim) {
    const sum = c.axes_dims.join(" + ");
    throw invalidConfig(path, `axes_dims ${sum} do not add up to a head’s ${headDim}`, { cause: "axes", sum, headDim });
  }
  if (c.axes_dims.some((size) => size % 2 !== 0)) {
    throw invalidConfig(path, "axes_dims must be even", { cause: "odd-axes" });
  }
  if (!c.qk_norm) {
    throw invalidConfig(path, "models without q/k norm are not known in this family", { cause: "qk-norm" });
  }
  if (!c.all_patch_size.includes(PATCH) || !c.all_f_patch_size.includes(1)) {
    throw invalidConfig(path, "there is no patch embedder of size 2", { cause: "patch" });
  }
  if (c.n_kv_heads !== undefined && c.n_kv_heads !== c.n_heads) {
    throw invalidConfig(path, "fewer key heads than query heads are not known in this family", { cause: "key-heads" });
  }
  return {
    dim: c.dim,
    layers: c.n_layers,
    refinerLayers: c.n_refiner_layers,
    heads: c.n_heads,
    headDim,
    ffnDim: Math.trunc((c.dim / 3) * 8),
    adalnDim: Math.min(c.dim, 256),
    channels: c.in_channels,
    captionDim: c.cap_feat_dim,
    normEps: c.norm_eps,
    ropeTheta: c.rope_theta,
    timeScale: c.t_scale,
    axesDims: [c.axes_dims[0]!, c.axes_dims[1]!, c.axes_dims[2]!],
    axesLens: [c.axes_lens[0]!, c.axes_lens[1]!, c.axes_lens[2]!],
  };
}

type Fault =
  | { cause: "schema"; problems: readonly Words[] }
  | { cause: "heads"; dim: number; heads: number }
  | { cause: "axes"; sum: string; headDim: number }
  | { cause: "odd-axes" | "qk-norm" | "patch" | "key-heads" };

/** A config whose fields are absent or no such numbers. */
export function wrongConfig(path: string, error: z.ZodError): HeddleError {
  return invalidConfig(path, z.prettifyError(error), { cause: "schema", problems: issuesInWords(error) });
}

function invalidConfig(path: string, what: string, fault: Fault): HeddleError {
  return new HeddleError({
    code: "config-invalid",
    message: `The configuration of "${path}" cannot be used: ${what}.`,
    help: "Download the model’s config.json again, or choose another model.",
    details: { path, ...fault },
  });
}
