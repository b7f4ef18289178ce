import type { JsonValue } from "../../../document.ts";
import { rule } from "./simple-rule.ts";
import type { MappingRule } from "./types.ts";

/** Tiles are ComfyUI's way around too little memory. */
const tiling = ["tile_size", "overlap", "temporal_size", "temporal_overlap"];

export const latentRules: readonly MappingRule[] = [
  rule(["EmptyLatentImage", "EmptySD3LatentImage"], {
    to: "image-size",
    params: { width: side("width"), height: side("height"), batch: "batch_size" },
    fixed: { preset: "custom" },
    outputs: ["latent"],
    notes: ({ values }) =>
      (["width", "height"] as const).flatMap((field) => {
        const rounded = roundSide(values[field] ?? 0);
        if (values[field] === undefined || rounded === values[field]) return [];
        return [
          {
            message: `The ${field} was ${values[field]}; it is ${rounded} now, since sides come in multiples of 16.`,
            help: "Crop the picture afterwards if the exact size matters.",
            field,
          },
        ];
      }),
  }),
  rule(["VAEEncode", "VAEEncodeTiled"], {
    to: "vae-encode",
    fixed: { sample: false },
    inputs: { image: "pixels", vae: "vae" },
    outputs: ["latent"],
    silent: tiling,
  }),
  rule(["VAEDecode", "VAEDecodeTiled"], {
    to: "vae-decode",
    inputs: { latent: "samples", vae: "vae" },
    outputs: ["image"],
    silent: tiling,
  }),
];

function side(widget: string) {
  return { widget, read: roundSide };
}

/** ComfyUI takes any size and pads the latent to whole patches of 16 pixels. */
function roundSide(value: JsonValue): JsonValue {
  return typeof value === "number" ? Math.ceil(value / 16) * 16 : value;
}
