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
