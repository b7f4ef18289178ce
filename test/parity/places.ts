/** A test that shows something: the file, from the root of the repository, and the beginning of the test's name. */
export interface ShownBy {
  readonly file: string;
  readonly name: string;
}

/** Where a parameter of a service has its place in Heddle. */
export type Place =
  | {
      readonly node: string;
      /** A param, an input or an output of the node. */
      readonly field: string;
      readonly note?: string;
      readonly shown: ShownBy;
    }
  | {
      /** What concerns the delivery of results has no place in a graph: the local interfaces take it. */
      readonly door: "fal" | "Runware";
      readonly note: string;
      readonly shown: ShownBy;
    };

const shown = (file: string, name: string): ShownBy => ({ file, name });
const at = (node: string, field: string, by: ShownBy, note?: string): Place => ({
  node,
  field,
  shown: by,
  ...(note === undefined ? {} : { note }),
});
const door = (service: "fal" | "Runware", note: string, name: string): Place => ({
  door: service,
  note,
  shown: shown(service === "fal" ? "server/api/fal/fal.test.ts" : "server/api/runware/runware.test.ts", name),
});

const generation = (name: string) => shown("test/parity/generation.test.ts", name);
const starts = (name: string) => shown("test/templates/start-pictures.test.ts", name);
const drawing = (name: string) => shown("test/templates/drawing.test.ts", name);
const accelerate = (name: string) => shown("nodes/accelerate/accelerate.test.ts", name);
const loaders = (name: string) => shown("nodes/loaders.test.ts", name);
const faces = shown("nodes/refine-faces/refine-faces.test.ts", "each of the nine settings arrives where it belongs");
const controlNet = (name: string) => shown("engine/pipeline/controlnet.test.ts", name);

/** Everything that the services' parameters need, by a short name. */
export const places = {
  prompt: at("prompt", "text", generation("a prompt of %d characters reaches the text encoder whole")),
  negativePrompt: at(
    "sampler",
    "negative",
    generation("a negative prompt of 3,000 characters reaches the text encoder whole"),
    "a second Prompt node",
  ),
  preset: at("image-size", "preset", generation("the preset %s is %d x %d")),
  autoSize: at(
    "size-from-image",
    "image",
    generation("a size of auto is that of the picture, to the nearest that can be drawn"),
  ),
  width: at("image-size", "width", generation("every side from 128 to 2048 in steps of 16 is drawn as asked")),
  height: at("image-size", "height", generation("every side from 128 to 2048 in steps of 16 is drawn as asked")),
  steps: at("sampler", "steps", generation("%d steps are drawn as asked")),
  guidance: at("sampler", "guidance", generation("a guidance of %d reaches the engine as it is")),
  seed: at("sampler", "seed", generation("9223372036854775807 from %s stays exact to the picture and its file")),
  solver: at("sampler", "solver", generation("solver and schedule reach the engine by name")),
  schedule: at("sampler", "schedule", generation("solver and schedule reach the engine by name")),
  pictures: at("image-size", "batch", generation("20 pictures of a run have seeds that follow each other")),
  startPicture: at("load-image", "image", starts("image-to-image returns the picture at strength 0")),
  strength: at("sampler", "denoise", starts("image-to-image returns the picture at strength 0")),
  maskPicture: at(
    "paint-mask",
    "mask",
    starts("inpaint-by-hand changes grey places less than white ones"),
    "or Image to Mask behind Load Image",
  ),
  mask: at("vae-encode", "mask", starts("inpaint changes what is masked, and keeps the rest to the pixel")),
  maskMargin: at("crop-to-mask", "margin", starts("inpaint-zoom paints at the model's full size")),
  outpaintLeft: at("pad-image", "left", shown("nodes/pictures.test.ts", "adds to the sides, draws the edges out")),
  outpaintTop: at("pad-image", "top", shown("nodes/pictures.test.ts", "adds to the sides, draws the edges out")),
  outpaintRight: at("pad-image", "right", starts("outpaint continues the picture beyond its border")),
  outpaintBottom: at("pad-image", "bottom", shown("nodes/pictures.test.ts", "adds to the sides, draws the edges out")),
  format: at("save-image", "format", shown("nodes/workflow.test.ts", "a %s carries the workflow and the settings")),
  quality: at("save-image", "quality", shown("nodes/save-image/encode.test.ts", "a quality of %d is written as asked")),
  dataUri: at("data-uri", "text", shown("nodes/data-uri/data-uri.test.ts", "a line of %s for each picture")),
  safetyCheck: at(
    "safety-check",
    "check",
    shown("nodes/safety-check/safety-check.test.ts", "switched off, here or for the whole of Heddle"),
  ),
  nsfw: at(
    "safety-check",
    "hasNsfwConcepts",
    shown("nodes/safety-check/safety-check.test.ts", "marks each picture, and passes safe ones on to the pixel"),
  ),
  acceleration: at(
    "accelerate",
    "preset",
    shown("cli/engine-templates.test.ts", "accelerated: fewer block runs, as the Sampler says"),
  ),
  cacheMethod: at("accelerate", "method", accelerate("each method takes its own limit")),
  firstBlockThreshold: at("accelerate", "firstBlockThreshold", accelerate("each method takes its own limit")),
  teaDistance: at("accelerate", "teaDistance", accelerate("each method takes its own limit")),
  dualBlockThreshold: at("accelerate", "dualBlockThreshold", accelerate("each method takes its own limit")),
  skipInterval: at("accelerate", "skipInterval", accelerate("each method takes its own limit")),
  cacheStartStep: at("accelerate", "startStep", accelerate("the part of the steps is a percentage or steps")),
  cacheEndStep: at("accelerate", "endStep", accelerate("the part of the steps is a percentage or steps")),
  cacheStartPercent: at("accelerate", "startPercent", accelerate("the part of the steps is a percentage or steps")),
  cacheEndPercent: at("accelerate", "endPercent", accelerate("the part of the steps is a percentage or steps")),
  maxConsecutive: at("accelerate", "maxConsecutive", accelerate("each method takes its own limit")),
  tilingMode: at(
    "seamless-tiling",
    "mode",
    shown("cli/engine-templates.test.ts", "seamless: opposite sides match better than neighbouring columns"),
  ),
  tileSize: at(
    "seamless-tiling",
    "tileSize",
    shown("cli/engine-templates.test.ts", "seamless: the template's picture, laid out twice each way"),
  ),
  tileStride: at(
    "seamless-tiling",
    "tileStride",
    shown("cli/engine-templates.test.ts", "seamless: the template's picture, laid out twice each way"),
  ),
  model: at("load-model", "checkpoint", loaders("adds to the model's stack")),
  loras: at("lora-stack", "loras", loaders("applies those that are switched on, in order")),
  lora: at("load-lora", "lora", loaders("adds to the model's stack, tells how much was applied")),
  loraWeight: at("load-lora", "weight", shown("test/templates/loras.test.ts", "lora-compare draws three weights")),
  loraSteps: at(
    "apply-lora",
    "schedule",
    shown("nodes/lora-lab.test.ts", "adds it to the model's stack, with weights by block and over the steps"),
    "a weight for each part of the steps",
  ),
  promptExpansion: at(
    "expand-prompt",
    "enabled",
    shown("nodes/expand-prompt/expand-prompt.test.ts", "hands the model the prompt with what it is to do"),
  ),
  wildcards: at(
    "wildcards",
    "text",
    drawing("wildcards choose with their seed"),
    "where the text encoder cannot write",
  ),
  controlModel: at("load-controlnet", "controlNet", loaders("adds to what the model has, with its part of the steps")),
  controlPicture: at("apply-controlnet", "image", loaders("adds to what the model has, with its part of the steps")),
  controlWeight: at("apply-controlnet", "strength", controlNet("several add up: half and half is one")),
  controlMode: at("apply-controlnet", "mode", controlNet("each mode draws something of its own with guidance")),
  controlStart: at("apply-controlnet", "start", controlNet("steps and shares say the same, in their own units")),
  controlEnd: at("apply-controlnet", "end", controlNet("steps and shares say the same, in their own units")),
  controlStartStep: at("apply-controlnet", "startStep", controlNet("steps and shares say the same")),
  controlEndStep: at("apply-controlnet", "endStep", controlNet("steps and shares say the same")),
  preprocess: at(
    "preprocess-control",
    "method",
    shown("nodes/image-tools.test.ts", "canny draws the edge and nothing else"),
  ),
  preprocessWithModel: at(
    "preprocess-with-model",
    "preprocessor",
    shown("nodes/image-tools.test.ts", "preprocess-with-model hands the picture to the model"),
    "any ONNX model of one's own for depth and pose",
  ),
  faceGuidance: at("refine-faces", "guidance", faces),
  faceConfidence: at("refine-faces", "confidence", faces),
  faceSize: at("refine-faces", "inpaintSize", faces),
  faceBlur: at("refine-faces", "maskBlur", faces),
  facePadding: at("refine-faces", "maskPadding", faces),
  facePositive: at("refine-faces", "positivePrompt", faces),
  faceNegative: at("refine-faces", "negativePrompt", faces),
  faceSteps: at("refine-faces", "steps", faces),
  faceStrength: at("refine-faces", "strength", faces),
  savedPictures: at("save-image", "image", drawing("text-to-image draws what the prompt says")),
  falQueue: door("fal", "timings of every run", "answers with a picture at an address that needs no credential"),
  taskType: door("Runware", "the kind of a task", "gives an address, the seed and no cost"),
  taskUuid: door("Runware", "tells tasks apart", "async is acknowledged at once, and asked after with getResponse"),
  address: door("Runware", "an address, base64 or a data URI", "the base model takes guidance, a negative prompt"),
  webhook: door("Runware", "each result is told", "each result is told to the webhook, and sent to the upload address"),
  upload: door("Runware", "each result is sent", "each result is told to the webhook, and sent to the upload address"),
  delivery: door("Runware", "at once or asked after", "async is acknowledged at once"),
  ttl: door("Runware", "how long an address is good", "an address is good for as long as the task says"),
  cost: door("Runware", "always 0", "gives an address, the seed and no cost"),
  inputs: door("Runware", "the nested form of pictures", "a mask, and a picture that grows, in the nested form"),
} as const satisfies Readonly<Record<string, Place>>;
