import type { JsonValue } from "../../../document.ts";
import type { ComfyNode } from "../graph.ts";
import { mapSimply, rule } from "./simple-rule.ts";
import type { Mapping, MappingRule } from "./types.ts";

export const maskRules: readonly MappingRule[] = [
  rule("SetLatentNoiseMask", { to: "set-mask", inputs: { latent: "samples", mask: "mask" }, outputs: ["latent"] }),
  rule("InvertMask", { to: "adjust-mask", fixed: { invert: true }, inputs: { mask: "mask" }, outputs: ["mask"] }),
  rule("GrowMask", {
    to: "adjust-mask",
    params: { grow: "expand" },
    inputs: { mask: "mask" },
    outputs: ["mask"],
    silent: ["tapered_corners"],
  }),
  rule("MaskToImage", { to: "mask-to-image", inputs: { mask: "mask" }, outputs: ["image"] }),
  { classes: ["MaskComposite"], map: mapMaskComposite },
  { classes: ["InpaintModelConditioning"], map: mapInpaintConditioning },
  { classes: ["ImageToMask"], map: mapImageToMask },
  { classes: ["VAEEncodeForInpaint"], map: mapEncodeForInpaint },
];

function mapImageToMask(node: ComfyNode): Mapping | undefined {
  const channel: JsonValue | undefined = node.values.channel;
  if (channel !== "red" && channel !== "green" && channel !== "blue") return undefined;
  return mapSimply(node, {
    to: "image-to-mask",
    params: { source: "channel" },
    fixed: { cut: false },
    inputs: { image: "image" },
    outputs: ["mask"],
  });
}

const maskOperations: Readonly<Record<string, string>> = {
  add: "either",
  or: "either",
  multiply: "both",
  and: "both",
  subtract: "difference",
};

/** Masks of the same size laid over each other; at another place it has no equal. */
function mapMaskComposite(node: ComfyNode): Mapping | undefined {
  const { x = 0, y = 0, operation } = node.values;
  const known = typeof operation === "string" && Object.hasOwn(maskOperations, operation);
  if (x !== 0 || y !== 0 || !known) return undefined;
  return mapSimply(node, {
    to: "combine-masks",
    params: { operation: { widget: "operation", read: (value) => maskOperations[String(value)] } },
    inputs: { first: "destination", second: "source" },
    outputs: ["mask"],
    silent: ["x", "y"],
  });
}

/** What it adds to the prompts is for models made for inpainting; Z-Image only sees the latent and its mask. */
function mapInpaintConditioning({ values }: ComfyNode): Mapping {
  const masked = values.noise_mask !== false;
  return {
    parts: [
      {
        type: "vae-encode",
        params: {},
        inputs: {
          image: { input: "pixels" },
          vae: { input: "vae" },
          ...(masked ? { mask: { input: "mask" } } : {}),
        },
      },
    ],
    outputs: [{ passes: "positive" }, { passes: "negative" }, { part: 0, port: "latent" }],
    settings: {},
    silent: ["noise_mask"],
  };
}

/** Encodes the picture and marks where to paint: the mask, grown by some pixels. */
function mapEncodeForInpaint({ values }: ComfyNode): Mapping {
  return {
    parts: [
      {
        type: "vae-encode",
        params: {},
        inputs: { image: { input: "pixels" }, vae: { input: "vae" }, mask: { part: 1, port: "mask" } },
      },
      { type: "adjust-mask", params: { grow: values.grow_mask_by ?? 6 }, inputs: { mask: { input: "mask" } } },
    ],
    outputs: [{ part: 0, port: "latent" }],
    settings: { grow_mask_by: { part: 1, param: "grow" } },
    silent: [],
    notes: [
      {
        message: "ComfyUI greys the picture out under the mask before encoding it; Heddle encodes it as it is.",
        help: "At a denoise of 1 this makes little difference.",
      },
    ],
  };
}
