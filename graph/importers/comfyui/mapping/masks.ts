import type { JsonValue } from "../../../document.ts";
import type { ComfyNode } from "../graph.ts";
import { mapSimply, rule } from "./simple-rule.ts";
import type { Mapping, MappingContext, MappingRule } from "./types.ts";

export const maskRules: readonly MappingRule[] = [
  {
    classes: ["SetLatentNoiseMask"],
    map: (node, context) => {
      const grey = greyOf(node, context);
      return mapSimply(node, {
        to: "set-mask",
        fixed: grey.params,
        inputs: { latent: "samples", mask: "mask" },
        outputs: ["latent"],
        notes: () => grey.notes,
      });
    },
  },
  { classes: ["DifferentialDiffusion"], map: mapDifferential },
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
function mapInpaintConditioning(node: ComfyNode, context: MappingContext): Mapping {
  const masked = node.values.noise_mask !== false;
  const grey = greyOf(node, context);
  return {
    parts: [
      {
        type: "vae-encode",
        params: masked ? grey.params : {},
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
    notes: masked ? grey.notes : [],
  };
}

/** What grey of a mask means to the samplers that get the latent, which in ComfyUI their model says. */
function greyOf(node: ComfyNode, context: MappingContext): Grey {
  const samplers = context.usersOf(node.id).filter(({ id }) => context.sourceOf(id, "latent_image")?.node === node);
  const isDifferential = samplers.length > 0 && samplers.every(({ id }) => isSampledDifferentially(id, context));
  if (isDifferential) return { params: { maskRule: "differential" }, notes: [] };
  return {
    params: {},
    notes: [
      {
        code: "import-mask-grey",
        message: "ComfyUI blends what is under grey of a mask; Heddle draws it anew from half grey on.",
        help: "Masks of black and white are the same. For soft edges, put the result back with Composite Images.",
        field: "maskRule",
      },
    ],
  };
}

interface Grey {
  params: Record<string, JsonValue>;
  notes: NonNullable<Mapping["notes"]>;
}

/** Nodes between a sampler and its model's loader; more is a loop. */
const MAX_MODELS = 500;

function isSampledDifferentially(samplerId: string, context: MappingContext): boolean {
  let id = context.sourceOf(samplerId, "guider")?.node.id ?? samplerId;
  for (let hops = 0; hops < MAX_MODELS; hops++) {
    const node = context.sourceOf(id, "model")?.node;
    if (!node) return false;
    if (node.type === "DifferentialDiffusion" && node.mode === "active") return true;
    id = node.id;
  }
  return false;
}

/** Only says what grey of masks means, which is a setting of what sets them. */
function mapDifferential({ values: { strength = 1 } }: ComfyNode): Mapping | undefined {
  if (strength !== 1) return undefined;
  return {
    parts: [],
    outputs: [{ passes: "model" }],
    settings: {},
    silent: ["strength"],
    notes: [
      {
        code: "import-differential-diffusion",
        message:
          "With Differential Diffusion ComfyUI tells by the noise level when a grey place begins to change; Heddle does by the step.",
        help: "Soft edges differ a little. The setting is Grey of the mask, on the node that sets the mask.",
      },
    ],
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
        code: "import-greyed-out",
        message: "ComfyUI greys the picture out under the mask before encoding it; Heddle encodes it as it is.",
        help: "At a denoise of 1 this makes little difference.",
      },
    ],
  };
}
