import { HeddleError } from "../../../common/errors.ts";
import { words } from "../../../common/words.ts";
import { elementCount, type TensorInfo } from "../tensor.ts";

/** Names that scaled FP8 files put beside `x.weight`: Comfy's first form, then its present one. */
const scaleSuffixes = ["scale_weight", "weight_scale"] as const;
/** Companions that say nothing about the weight's value. */
const ignoredSuffix = /\.(scale_input|input_scale|comfy_quant)$|(^|\.)scaled_fp8$/;
/** Companions of packings that are not a plain multiplication. */
const foreignPacking: readonly [RegExp, string][] = [
  [/\.weight_scale_2$/, "NVFP4"],
  [/\.weight_scale_inv$/, "block-scaled FP8"],
  [/\.(weight_codebook|weight_s_rel|weight_s_channel)$/, "a codebook"],
  [/\.(qweight|qzeros|wscales|smooth_factor|smooth|wcscales)$/, "Nunchaku, GPTQ or AWQ"],
  [/\.(absmax|quant_map|quant_state\..*)$/, "bitsandbytes"],
  [/\.(svd_up|svd_down|zero_point)$/, "SDNQ"],
];

/**
 * Attaches the scales of scaled FP8 weights to them and drops the marker tensors. A float or FP8 weight without a scale
 * stays as it is.
 *
 * @throws HeddleError `packing-unsupported` for weights packed in a way that a multiplication does not undo.
 */
export function withScales(tensors: ReadonlyMap<string, TensorInfo>, path: string): Map<string, TensorInfo> {
  const result = new Map<string, TensorInfo>();
  for (const [name, tensor] of tensors) {
    const packing = foreignPacking.find(([pattern]) => pattern.test(name));
    if (packing !== undefined) throw packingUnsupported(path, packing[1], name);
    if (ignoredSuffix.test(name) || scaleSuffixes.some((suffix) => name.endsWith(`.${suffix}`))) continue;
    if (name.endsWith(".weight") && tensor.dtype === "U8") throw packingUnsupported(path, "4-bit", name);

    const layer = name.endsWith(".weight") ? name.slice(0, -".weight".length) : undefined;
    const scale = scaleSuffixes.map((suffix) => tensors.get(`${layer}.${suffix}`)).find((found) => found !== undefined);
    if (tensor.dtype === "I8") throw packingUnsupported(path, "INT8 (ConvRot or row-wise)", name);
    if (scale === undefined || layer === undefined) {
      result.set(name, tensor);
      continue;
    }
    const values = elementCount(scale.shape);
    if (values !== 1 && values !== tensor.shape[0]) throw packingUnsupported(path, "block-scaled FP8", name);
    result.set(name, { ...tensor, scale: { ...scale, shape: [values] } });
  }
  return result;
}

function packingUnsupported(path: string, packing: string, tensorName: string): HeddleError {
  return new HeddleError({
    code: "packing-unsupported",
    message: `"${path}" holds weights in a packed form (${packing}) that Heddle does not read.`,
    help: "Get the BF16, scaled FP8 or GGUF form of this model. Heddle makes its own int8 and int4 forms from those.",
    details: { path, packing: words(packing), tensorName },
  });
}
