import type { JsonValue } from "../../../document.ts";
import { rule } from "./simple-rule.ts";
import type { MappingRule } from "./types.ts";

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
  rule("VAEDecode", { to: "vae-decode", inputs: { latent: "samples", vae: "vae" }, outputs: ["image"] }),
];

function side(widget: string) {
  return { widget, read: roundSide };
}

/** ComfyUI takes any size and pads the latent to whole patches of 16 pixels. */
function roundSide(value: JsonValue): JsonValue {
  return typeof value === "number" ? Math.ceil(value / 16) * 16 : value;
}
