import type { JsonValue } from "../../../document.ts";
import type { ComfyNode } from "../graph.ts";
import { mapSimply, rule } from "./simple-rule.ts";
import type { Mapping, MappingContext, MappingRule } from "./types.ts";

/** Tiles are ComfyUI's way around too little memory. */
const tiling = ["tile_size", "overlap", "temporal_size", "temporal_overlap"];

export const latentRules: readonly MappingRule[] = [
  { classes: ["EmptyLatentImage", "EmptySD3LatentImage"], map: mapEmptyLatent },
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

/** As large as a picture: Size from Image brings any size to one that can be drawn, which numbers over links are not. */
function mapEmptyLatent(node: ComfyNode, context: MappingContext): Mapping {
  const [width, height] = ["width", "height"].map((side) => context.sourceOf(node.id, side));
  const isOfPicture =
    width?.node.type === "GetImageSize" &&
    width.node.mode === "active" &&
    width.node === height?.node &&
    [width.slot, height.slot].join() === "0,1";
  if (isOfPicture) {
    const simple = mapSimply(node, {
      to: "size-from-image",
      params: { batch: "batch_size" },
      outputs: ["latent"],
      silent: ["width", "height"],
    });
    const inputs = { image: { of: width.node.id, input: "image" } };
    return { ...simple, parts: simple.parts.map((part) => ({ ...part, inputs })), absorbs: [width.node.id] };
  }
  return mapSimply(node, {
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
            code: "import-size-rounded",
            message: `The ${field} was ${values[field]}; it is ${rounded} now, since sides come in multiples of 16.`,
            help: "Crop the picture afterwards if the exact size matters.",
            field,
            details: { cause: field, before: values[field], now: rounded },
          },
        ];
      }),
  });
}

function side(widget: string) {
  return { widget, read: roundSide, takesLinks: true };
}

/** ComfyUI takes any size and pads the latent to whole patches of 16 pixels. */
function roundSide(value: JsonValue): JsonValue {
  return typeof value === "number" ? Math.ceil(value / 16) * 16 : value;
}
