import type { JsonValue } from "../../../document.ts";
import type { ComfyNode } from "../graph.ts";
import { mapSimply, rule } from "./simple-rule.ts";
import type { Mapping, MappingContext, MappingRule } from "./types.ts";

/** The largest side of the Resize Image node: "as large as the other side allows". */
const ANY_SIDE = 8192;

/** ComfyUI's ways of resizing under the names that Upscale Image has. */
const methods: Readonly<Record<string, string>> = {
  lanczos: "lanczos",
  bicubic: "bicubic",
  bilinear: "bilinear",
  area: "bilinear",
  nearest: "nearest",
  "nearest-exact": "nearest",
};

const readMethod = (value: JsonValue) =>
  (typeof value === "string" && Object.hasOwn(methods, value) ? methods[value] : undefined) ?? "lanczos";

/** 0 means that the side follows the picture's shape. */
const side = (widget: string) => ({
  widget,
  read: (value: JsonValue) => (value === 0 ? ANY_SIDE : value),
  takesLinks: true,
});

export const imageRules: readonly MappingRule[] = [
  rule("SaveImage", {
    to: "save-image",
    params: { name: { widget: "filename_prefix", read: readPrefix } },
    fixed: { format: "png", metadata: true },
    inputs: { image: "images" },
    // A name that other nodes put together is no reason not to draw the picture.
    silent: ["filename_prefix"],
  }),
  rule("PreviewImage", { to: "preview-image", inputs: { image: "images" } }),
  rule(["LoadImage", "LoadImageOutput"], {
    to: "load-image",
    outputs: ["image", "mask"],
    silent: ["image", "upload", "refresh"],
    notes: pictureNotes,
  }),
  { classes: ["LoadImageMask"], map: mapLoadMask },
  { classes: ["ImageScale"], map: mapScale },
  rule("ImageScaleBy", {
    to: "upscale-image",
    params: { method: { widget: "upscale_method", read: readMethod }, factor: "scale_by" },
    fixed: { by: "factor" },
    inputs: { image: "image" },
    outputs: ["image"],
  }),
  { classes: ["Image Comparer (rgthree)"], map: mapComparer },
  { classes: ["ImageUpscaleWithModel"], map: mapUpscaleWithModel },
  { classes: ["Image Resize (rgthree)"], map: mapRgthreeResize },
  { classes: ["ImageCompositeMasked"], map: mapComposite },
  rule("ImageScaleToMaxDimension", {
    to: "resize-image",
    params: { width: "largest_size", height: "largest_size" },
    fixed: { mode: "inside" },
    inputs: { image: "image" },
    outputs: ["image"],
    notes: resamplingNotes,
    silent: ["upscale_method"],
  }),
  rule("ImagePadForOutpaint", {
    to: "pad-image",
    params: { left: "left", top: "top", right: "right", bottom: "bottom", feather: "feathering" },
    fixed: { fill: "grey" },
    inputs: { image: "image" },
    outputs: ["image", "mask"],
  }),
  rule("ImageCrop", {
    to: "crop-image",
    params: { left: "x", top: "y", width: "width", height: "height" },
    inputs: { image: "image" },
    outputs: ["image"],
  }),
  rule("GetImageSize", {
    to: "size-from-image",
    inputs: { image: "image" },
    outputs: ["width", "height", "pictures"],
  }),
  rule("ImageBlur", {
    to: "blur-image",
    params: { radius: "sigma" },
    inputs: { image: "image" },
    outputs: ["image"],
    silent: ["blur_radius"],
    notes: () => [
      {
        code: "import-blur-radius",
        message: "ComfyUI cuts the blur off at its radius; Heddle blurs as far as it can be seen.",
        help: "With a radius of about three times sigma both are the same.",
      },
    ],
  }),
  { classes: ["ImageSharpen"], map: mapSharpen },
  rule("ImageInvert", { to: "invert-image", inputs: { image: "image" }, outputs: ["image"] }),
  rule("ImageBatch", {
    to: "combine-images",
    inputs: { first: "image1", second: "image2" },
    outputs: ["image"],
  }),
  rule("ImageFromBatch", {
    to: "pick-image",
    params: { position: { widget: "batch_index", read: (value) => Number(value) + 1 }, count: "length" },
    inputs: { image: "image" },
    outputs: ["image"],
  }),
  rule("Canny", {
    to: "preprocess-control",
    params: { low: cannyThreshold("low_threshold"), high: cannyThreshold("high_threshold") },
    fixed: { method: "canny" },
    inputs: { image: "image" },
    outputs: ["image"],
    notes: () => [
      {
        code: "import-edges",
        message: "Heddle looks for edges in a slightly different way than ComfyUI, so the lines differ a little.",
        help: "Move the two thresholds if there are too many or too few edges.",
      },
    ],
  }),
  rule(["Note", "MarkdownNote", "Note Plus (mtb)"], { to: "note", params: { text: "text" } }),
];

/**
 * ComfyUI puts a counter behind the prefix and fills in `%date:yyyy-MM-dd%` and `%NodeName.widget%`; the date and the
 * seed have an equal here.
 */
function readPrefix(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const pattern = value
    .replaceAll("\\", "/")
    .replace(/%date(:[^%]*)?%/gi, "%date%")
    .replace(/%(year|month|day)%/gi, "%date%")
    .replace(/%[^%.]+\.(noise_)?seed%/gi, "%seed%")
    .replace(/\/+$/, "");
  return `${pattern === "" ? "ComfyUI" : pattern}-%counter%`;
}

/** ComfyUI's thresholds count from 0 to 1 in gradients of an eighth; Heddle's are those of a picture of 255 levels. */
function cannyThreshold(widget: string) {
  const read = (value: JsonValue) =>
    typeof value === "number" ? Math.min(2000, Math.max(1, Math.round(value * 255 * 8))) : value;
  return { widget, read };
}

/** `crop` "center" cuts off what does not fit the new shape; otherwise the picture is stretched. */
function mapScale(node: ComfyNode): Mapping {
  const { width, height, crop } = node.values;
  const keepsShape = width === 0 || height === 0;
  if (!keepsShape && crop !== "center") {
    return mapSimply(node, {
      to: "upscale-image",
      params: { method: { widget: "upscale_method", read: readMethod }, width: "width", height: "height" },
      fixed: { by: "size" },
      inputs: { image: "image" },
      outputs: ["image"],
      silent: ["crop"],
    });
  }
  return mapSimply(node, {
    to: "resize-image",
    params: {
      width: side("width"),
      height: side("height"),
      mode: { widget: "crop", read: () => (keepsShape ? "inside" : "fill") },
    },
    inputs: { image: "image" },
    outputs: ["image"],
    notes: resamplingNotes,
    silent: ["upscale_method"],
  });
}

const rgthreeModes: Readonly<Record<string, string>> = { crop: "fill", contain: "inside", pad: "fit" };

/** In pixels it is Resize Image; in percent of both sides alike, Upscale Image. */
function mapRgthreeResize(node: ComfyNode): Mapping | undefined {
  const { measurement, width, height, fit } = node.values;
  const mode = typeof fit === "string" && Object.hasOwn(rgthreeModes, fit) ? rgthreeModes[fit] : undefined;
  if (measurement === "percentage" && typeof width === "number" && width > 0 && (height === 0 || height === width)) {
    return mapSimply(node, {
      to: "upscale-image",
      params: {
        method: { widget: "method", read: readMethod },
        factor: { widget: "width", read: (value) => Number(value) / 100 },
      },
      fixed: { by: "factor" },
      inputs: { image: "image" },
      outputs: ["image"],
      silent: ["measurement", "height", "fit"],
    });
  }
  if (measurement !== "pixels" || mode === undefined) return undefined;
  return mapSimply(node, {
    to: "resize-image",
    params: { width: side("width"), height: side("height"), mode: { widget: "fit", read: () => mode } },
    inputs: { image: "image" },
    outputs: ["image", "width", "height"],
    notes: resamplingNotes,
    silent: ["measurement", "method"],
  });
}

/** The model's loader says no more than which file it is. */
function mapUpscaleWithModel(node: ComfyNode, context: MappingContext): Mapping | undefined {
  const loader = context.sourceOf(node.id, "upscale_model")?.node;
  const name = loader?.values.model_name;
  if (loader?.type !== "UpscaleModelLoader" || loader.mode !== "active" || typeof name !== "string") return undefined;
  return {
    ...mapSimply(node, {
      to: "upscale-with-model",
      fixed: { upscaler: name.replaceAll("\\", "/") },
      inputs: { image: "image" },
      outputs: ["image"],
    }),
    absorbs: [loader.id],
  };
}

/** The picture's transparency is the mask that Load Image gives; other channels have no equal. */
function mapLoadMask(node: ComfyNode): Mapping | undefined {
  if (node.values.channel !== "alpha") return undefined;
  return mapSimply(node, {
    to: "load-image",
    outputs: ["mask"],
    silent: ["image", "channel", "upload"],
    notes: pictureNotes,
  });
}

function pictureNotes({ values }: ComfyNode) {
  const picture = typeof values.image === "string" ? `The picture "${values.image}"` : "The picture";
  return [
    {
      code: "import-picture-missing",
      message: `${picture} is not part of the file.`,
      help: "Drop your copy of it onto the Load Image node.",
      field: "image",
      details: {
        cause: typeof values.image === "string" ? "named" : "unnamed",
        name: typeof values.image === "string" ? values.image : "",
      },
    },
  ];
}

/** ComfyUI's kernel adds ten times `alpha` of what the blur takes away. */
function mapSharpen(node: ComfyNode): Mapping | undefined {
  const { alpha } = node.values;
  if (typeof alpha !== "number" || alpha > 0.5) return undefined;
  return mapSimply(node, {
    to: "sharpen-image",
    params: { radius: "sigma", amount: { widget: "alpha", read: (value) => Number(value) * 10 } },
    inputs: { image: "image" },
    outputs: ["image"],
    silent: ["sharpen_radius"],
  });
}

/** Shows two pictures; what it last showed lies in its widgets. */
function mapComparer(node: ComfyNode): Mapping {
  return {
    parts: [
      { type: "preview-image", params: {}, inputs: { image: { part: 1, port: "image" } } },
      { type: "compare-images", params: {}, inputs: { first: { input: "image_a" }, second: { input: "image_b" } } },
    ],
    outputs: [],
    settings: {},
    silent: Object.keys(node.values),
  };
}

function mapComposite(node: ComfyNode): Mapping | undefined {
  if (node.values.resize_source === true) return undefined;
  return mapSimply(node, {
    to: "composite-image",
    params: { x: "x", y: "y" },
    inputs: { base: "destination", overlay: "source", mask: "mask" },
    outputs: ["image"],
    silent: ["resize_source"],
  });
}

function resamplingNotes({ values }: ComfyNode) {
  const method = values.upscale_method ?? values.method;
  if (method === undefined || method === "lanczos") return [];
  return [
    {
      code: "import-resampling",
      message: `The picture was resized with the method "${String(method)}"; Heddle always uses Lanczos.`,
      help: "The result is a little sharper.",
      details: { method: String(method) },
    },
  ];
}
