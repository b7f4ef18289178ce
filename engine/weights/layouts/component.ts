import { HeddleError } from "../../../common/errors.ts";
import { words } from "../../../common/words.ts";
import { elementCount, type TensorInfo } from "../tensor.ts";
import type { WeightSet } from "../weight-set.ts";
import { canonicalTextEncoder } from "./canonical-text-encoder.ts";
import { canonicalTransformer } from "./canonical-transformer.ts";
import { canonicalVae } from "./canonical-vae.ts";
import { type ComponentFiles, type ComponentKind, componentNames } from "./component-files.ts";
import { checkTensors } from "./expected-tensors.ts";
import { recogniseFamily } from "./foreign-families.ts";
import {
  inferControlNetConfig,
  inferTextEncoderConfig,
  inferTransformerConfig,
  inferVaeConfig,
} from "./infer-config.ts";
import { withScales } from "./scaled-weights.ts";

type Tensors = ReadonlyMap<string, TensorInfo>;

const kinds: Record<
  ComponentKind,
  { canonical(tensors: Tensors): Map<string, TensorInfo>; infer(tensors: Tensors): Record<string, unknown> }
> = {
  transformer: { canonical: canonicalTransformer, infer: inferTransformerConfig },
  textEncoder: { canonical: canonicalTextEncoder, infer: inferTextEncoderConfig },
  vae: { canonical: canonicalVae, infer: inferVaeConfig },
  controlNet: { canonical: canonicalTransformer, infer: inferControlNetConfig },
};

/**
 * The tensor whose presence says that a component is there, in every naming. What stands before it is the component's
 * prefix in that file (`model.diffusion_model.`, `text_encoders.qwen3_4b.transformer.`, ..., or nothing).
 */
const anchors: Record<ComponentKind, readonly RegExp[]> = {
  transformer: [/^(.*?)cap_embedder\.0\.weight$/],
  textEncoder: [/^(.*?)(?:model\.)?layers\.0\.self_attn\.q_norm\.weight$/, /^(.*?)blk\.0\.attn_q_norm\.weight$/],
  vae: [/^(.*?)decoder\.conv_in\.weight$/],
  controlNet: [/^(.*?)control_(?:all_)?x_embedder\.(?:2-1\.)?weight$/],
};

export function findPrefix(tensors: Tensors, kind: ComponentKind): string | undefined {
  for (const anchor of anchors[kind]) {
    for (const name of tensors.keys()) {
      const prefix = anchor.exec(name)?.[1];
      if (prefix !== undefined) return prefix;
    }
  }
  return undefined;
}

export function underPrefix(tensors: Tensors, prefix: string): Tensors {
  if (prefix === "") return tensors;
  const stripped = new Map<string, TensorInfo>();
  for (const [name, tensor] of tensors) {
    if (name.startsWith(prefix)) stripped.set(name.slice(prefix.length), tensor);
  }
  return stripped;
}

/**
 * Names, scales and config of one component brought into canonical form and checked.
 *
 * @param config What config.json says; inference fills what it leaves out.
 * @throws HeddleError `not-z-image` for a component of another family, and what {@link checkTensors} throws.
 */
export function component(
  kind: ComponentKind,
  weights: WeightSet,
  layout: ComponentFiles["layout"],
  config: Readonly<Record<string, unknown>> = {},
): ComponentFiles {
  const { canonical, infer } = kinds[kind];
  const tensors = canonical(withScales(weights.tensors, weights.path));
  refuseForeign(kind, tensors, weights.path);
  const complete = { ...infer(tensors), ...config };
  checkTensors(kind, tensors, complete, weights.path);
  return {
    weights: { ...weights, tensors },
    config: complete,
    layout,
    description: `${componentNames[kind]}, ${layoutNames[layout]}, ${storageOf(tensors)}`,
  };
}

const layoutNames: Record<ComponentFiles["layout"], string> = {
  diffusers: "diffusers folder",
  "single-file": "single file",
  "all-in-one": "all-in-one file",
  gguf: "GGUF",
};

/** The type most of the weights are stored in. */
function storageOf(tensors: Tensors): string {
  const values = new Map<string, number>();
  for (const { dtype, shape, scale } of tensors.values()) {
    const storage = scale === undefined ? dtype : `scaled ${dtype}`;
    values.set(storage, (values.get(storage) ?? 0) + elementCount(shape));
  }
  return [...values].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "empty";
}

function refuseForeign(kind: ComponentKind, tensors: Tensors, path: string): void {
  if (kind === "transformer" && !tensors.has("x_pad_token")) {
    throw notZImage(path, "transformer", recogniseFamily(tensors.keys()));
  }
  if (kind === "textEncoder" && !tensors.has("model.layers.0.self_attn.q_norm.weight")) {
    throw notZImage(path, "text encoder", recogniseFamily(tensors.keys()));
  }
  if (
    kind === "textEncoder" &&
    [...tensors.keys()].some((name) => /\.(pre_feedforward_layernorm|mlp\.experts)\./.test(name))
  ) {
    throw notZImage(path, "text encoder", "a Gemma or mixture-of-experts model");
  }
  if (kind === "vae") {
    const channels = tensors.get("decoder.conv_in.weight")?.shape[1];
    if (channels === 16) return;
    const family =
      channels === 4
        ? "the autoencoder of Stable Diffusion 1.5, 2 or XL (4 latent channels)"
        : channels === 32
          ? "the autoencoder of Flux.2 (32 latent channels)"
          : recogniseFamily(tensors.keys());
    throw notZImage(path, "autoencoder", family);
  }
}

/** @param family With its article: "a Flux model". */
export function notZImage(path: string, wanted: string, family: string | undefined): HeddleError {
  const asLora = family === "a LoRA";
  return new HeddleError({
    code: "not-z-image",
    message:
      family === undefined
        ? `"${path}" is not a Z-Image ${wanted}: none of the names in it are those of Z-Image.`
        : `"${path}" is not a Z-Image ${wanted}: it looks like ${family}.`,
    help: asLora
      ? "Load this file with a LoRA node instead."
      : "Choose a Z-Image or Z-Image-Turbo file. The text encoder is Qwen3-4B and the autoencoder is Flux’s ae.safetensors.",
    details: {
      path,
      wanted: words(wanted),
      cause: family === undefined ? "unknown-family" : asLora ? "lora" : "other-family",
      family,
      familyName: family && words(family),
    },
  });
}
