import type { JsonValue } from "../../graph/document.ts";
import { type Place, places } from "./places.ts";

/**
 * What the hosted Z-Image services take and give, from their documentation, and where each has its place in Heddle.
 * `test/parity/parity.test.ts` holds it against the services' own types and against the nodes; `npm run parity` writes
 * `docs/parity.md` from it.
 */
export interface Parameter {
  readonly name: string;
  /** What the service says it may be, for people. */
  readonly range: string;
  /** Its place, and values from the whole of the range that the field there has to take, in the field's own terms. */
  readonly carried: readonly Carried[];
}

export interface Carried {
  readonly place: Place;
  readonly takes: readonly JsonValue[];
}

export interface Endpoint {
  readonly service: "fal" | "Runware";
  readonly name: string;
  /** The service's own type of it, in its client. */
  readonly type?: string;
  readonly parameters: readonly Parameter[];
}

type PlaceName = keyof typeof places;

/** A parameter and its places, each with values that have to be taken. */
function parameter(name: string, range: string, ...carried: readonly [PlaceName, ...JsonValue[]][]): Parameter {
  return { name, range, carried: carried.map(([place, ...takes]) => ({ place: places[place], takes })) };
}

const presets = ["square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"];
/** Every value of a range is too many: its ends, and those next to them. */
const ends = (min: number, max: number, step: number) => [min, min + step, max - step, max];
const sides = ends(128, 2048, 16);
const largestSeed = "9223372036854775807";

const prompt = parameter("prompt", "text", ["prompt", "fox", "x".repeat(10_000)]);
const negativePrompt = parameter("negative_prompt", "text", ["negativePrompt"]);
const sizeRange = "six names, or width and height";
const imageSize = parameter("image_size", sizeRange, ["preset", ...presets], ["width", ...sides], ["height", ...sides]);
const autoImageSize = parameter(
  "image_size",
  `${sizeRange}, or auto`,
  ["preset", ...presets],
  ["width", ...sides],
  ["height", ...sides],
  ["autoSize"],
);
const stepsTo = (most: number) => parameter("num_inference_steps", `1 to ${most}`, ["steps", 1, most]);
const seed = parameter("seed", "whole number", ["seed", 0, largestSeed]);
const syncMode = parameter("sync_mode", "true or false", ["dataUri"]);
const numImages = parameter("num_images", "1 to 4", ["pictures", 1, 4]);
const safety = parameter("enable_safety_checker", "true or false", ["safetyCheck", "on", "off"]);
const format = parameter("output_format", "jpeg, png, webp", ["format", "jpeg", "png", "webp"]);
const acceleration = parameter("acceleration", "none, regular, high", ["acceleration", "none", "regular", "high"]);
const guidance = parameter("guidance_scale", "1 to 20", ["guidance", 1, 20]);
const expansion = parameter(
  "enable_prompt_expansion",
  "true or false",
  ["promptExpansion", true, false],
  ["wildcards"],
);
const loras = parameter("loras", "up to 3, each with a scale of 0 to 4", [
  "loras",
  [0, 1, 4].map((weight) => ({ name: "style.safetensors", weight, enabled: true })),
]);
const imageUrl = parameter("image_url", "picture", ["startPicture", `sha256:${"0".repeat(64)}`]);
const maskUrl = parameter("mask_image_url", "picture", ["maskPicture", `sha256:${"0".repeat(64)}`], ["mask"]);
const strength = parameter("strength", "0 to 1", ["strength", 0, 0.01, 0.6, 1]);
const control = [
  parameter("control_scale", "0 to 1", ["controlWeight", 0, 0.75, 1]),
  parameter("control_start", "0 to 1", ["controlStart", 0, 1]),
  parameter("control_end", "0 to 1", ["controlEnd", 0, 0.8, 1]),
];
const preprocess = parameter(
  "preprocess",
  "none, canny, depth, pose",
  ["preprocess", "canny"],
  ["preprocessWithModel"],
);

const everywhere = [prompt, seed, syncMode, numImages, safety, format, acceleration];
const base = [...everywhere, imageSize, stepsTo(50), guidance, negativePrompt];
const turbo = [...everywhere, expansion, stepsTo(30)];
const textToImage = [...turbo, imageSize];
const withPicture = [...turbo, autoImageSize, imageUrl];
const imageToImage = [...withPicture, strength];
const controlled = [...withPicture, ...control, preprocess];
const inpaint = [...imageToImage, ...control, maskUrl];
const tiling = [
  ...turbo,
  autoImageSize,
  imageUrl,
  maskUrl,
  strength,
  parameter("tiling_mode", "both, horizontal, vertical", ["tilingMode", "both", "horizontal", "vertical"]),
  parameter("tile_size", "latent pixels: 64, 128, 256", ["tileSize", 64, 128, 256]),
  parameter("tile_stride", "latent pixels: 32, 64, 128", ["tileStride", 32, 64, 128]),
];

const fal = (name: string, type: string, parameters: readonly Parameter[]): Endpoint[] => [
  { service: "fal", name: `fal-ai/z-image/${name}`, type: `ZImage${type}Input`, parameters },
  {
    service: "fal",
    name: `fal-ai/z-image/${name}/lora`,
    type: `ZImage${type}LoraInput`,
    parameters: [...parameters, loras],
  },
];

/** What every endpoint of fal gives. */
const falResults: Endpoint = {
  service: "fal",
  name: "results of all endpoints",
  type: "Flux2Output",
  parameters: [
    parameter("images", "pictures with width, height and type", ["savedPictures"]),
    parameter("timings", "seconds", ["falQueue"]),
    parameter("seed", "whole number", ["seed", 0, largestSeed]),
    parameter("has_nsfw_concepts", "true or false for each picture", ["nsfw"]),
    parameter("prompt", "text", ["prompt"]),
  ],
};

const percents = { start: ends(0, 99, 1), end: ends(1, 100, 1) };
const shares = { start: [0, 0.01, 0.99], end: [0.01, 0.99, 1] };
const hundredths = ends(0, 1, 0.01);

const runware: Endpoint = {
  service: "Runware",
  name: "imageInference with runware:z-image@0",
  parameters: [
    parameter("taskType", "imageInference", ["taskType"]),
    parameter("taskUUID", "UUID", ["taskUuid"]),
    parameter("outputType", "URL, base64Data, dataURI", ["address"], ["dataUri"]),
    parameter("outputFormat", "JPG, PNG, WEBP", ["format", "jpeg", "png", "webp"]),
    parameter("outputQuality", "20 to 99", ["quality", ...ends(20, 99, 1)]),
    parameter("webhookURL", "address", ["webhook"]),
    parameter("deliveryMethod", "sync, async", ["delivery"]),
    parameter("uploadEndpoint", "address", ["upload"]),
    parameter("safety.checkContent", "true or false", ["safetyCheck", "on", "off"]),
    parameter("ttl", "seconds, from 60", ["ttl"]),
    parameter("includeCost", "true or false", ["cost"]),
    parameter("numberResults", "1 to 20", ["pictures", ...ends(1, 20, 1)]),
    parameter("acceleratorOptions.cacheStartStep", "from 0", ["cacheStartStep", 0, 49]),
    parameter("acceleratorOptions.cacheEndStep", "from 1", ["cacheEndStep", 1, 50]),
    parameter("acceleratorOptions.cacheStartStepPercentage", "0 to 99", ["cacheStartPercent", ...percents.start]),
    parameter("acceleratorOptions.cacheEndStepPercentage", "1 to 100", ["cacheEndPercent", ...percents.end]),
    parameter("acceleratorOptions.cacheMaxConsecutiveSteps", "1 to 5", ["maxConsecutive", 1, 2, 3, 4, 5]),
    parameter("acceleratorOptions.fbCache", "true or false", ["cacheMethod", "first-block"]),
    parameter("acceleratorOptions.fbCacheThreshold", "0 to 1 by 0.01", ["firstBlockThreshold", ...hundredths]),
    parameter("acceleratorOptions.teaCache", "true or false", ["cacheMethod", "tea"]),
    parameter("acceleratorOptions.teaCacheDistance", "0 to 1 by 0.01", ["teaDistance", ...hundredths]),
    parameter("acceleratorOptions.dbCache", "true or false", ["cacheMethod", "dual-block"]),
    parameter("acceleratorOptions.dbCacheThreshold", "0 to 1 by 0.01", ["dualBlockThreshold", ...hundredths]),
    parameter("acceleratorOptions.dbCacheSkipInterval", "from 1", ["skipInterval", 1, 5, 50]),
    parameter("inputs", "seedImage and maskImage", ["inputs"], ["startPicture"], ["maskPicture"]),
    parameter("model", "name", ["model", "starter/base"]),
    parameter("positivePrompt", "2 to 10,000 characters", ["prompt", "xy", "x".repeat(10_000)]),
    parameter("negativePrompt", "2 to 3,000 characters", ["negativePrompt"]),
    parameter("width", "128 to 2048 by 16", ["width", ...sides]),
    parameter("height", "128 to 2048 by 16", ["height", ...sides]),
    parameter("seed", "0 to 2^63 - 1", ["seed", 0, largestSeed]),
    parameter("steps", "1 to 50", ["steps", ...ends(1, 50, 1)]),
    parameter("scheduler", "a name", ["solver", "euler", "dpmpp_2m"], ["schedule", "flow_match", "karras"]),
    parameter("CFGScale", "0 to 20 by 0.01", ["guidance", ...ends(0, 20, 0.01)]),
    parameter("strength", "0 to 1 by 0.01", ["strength", ...hundredths]),
    parameter("maskMargin", "32 to 128", ["maskMargin", ...ends(32, 128, 1)]),
    parameter("outpaint.top", "pixels", ["outpaintTop", 0, 64, 1024]),
    parameter("outpaint.right", "pixels", ["outpaintRight", 0, 64, 1024]),
    parameter("outpaint.bottom", "pixels", ["outpaintBottom", 0, 64, 1024]),
    parameter("outpaint.left", "pixels", ["outpaintLeft", 0, 64, 1024]),
    parameter("lora.model", "name", ["lora", "style.safetensors"], ["loras"]),
    parameter("lora.weight", "-4 to 4 by 0.01", ["loraWeight", ...ends(-4, 4, 0.01)], ["loras"]),
    parameter("lora.transformer", "both, high, low: early or late steps", ["loraSteps"]),
    parameter("controlNet.model", "name", ["controlModel", "union.safetensors"]),
    parameter("controlNet.guideImage", "picture", ["controlPicture"]),
    parameter("controlNet.weight", "-4 to 4 by 0.01", ["controlWeight", ...ends(-4, 4, 0.01)]),
    parameter("controlNet.controlMode", "balanced, prompt, controlnet", [
      "controlMode",
      "balanced",
      "prompt",
      "control",
    ]),
    parameter("controlNet.startStep", "from 0", ["controlStartStep", 0, 49]),
    parameter("controlNet.endStep", "from 1", ["controlEndStep", 1, 50]),
    parameter("controlNet.startStepPercentage", "0 to 99", ["controlStart", ...shares.start]),
    parameter("controlNet.endStepPercentage", "1 to 100", ["controlEnd", ...shares.end]),
    parameter("ultralytics.CFGScale", "0 to 50 by 0.1", ["faceGuidance", ...ends(0, 50, 0.1)]),
    parameter("ultralytics.confidence", "0 to 1 by 0.01", ["faceConfidence", ...hundredths]),
    parameter("ultralytics.inpaintSize", "128 to 2048", ["faceSize", 128, 1024, 2048]),
    parameter("ultralytics.maskBlur", "0 to 100", ["faceBlur", ...ends(0, 100, 1)]),
    parameter("ultralytics.maskPadding", "0 to 20", ["facePadding", ...ends(0, 20, 1)]),
    parameter("ultralytics.negativePrompt", "text", ["faceNegative", "x".repeat(3_000)]),
    parameter("ultralytics.positivePrompt", "text", ["facePositive", "x".repeat(3_000)]),
    parameter("ultralytics.steps", "1 to 100", ["faceSteps", ...ends(1, 100, 1)]),
    parameter("ultralytics.strength", "to 1 by 0.01", ["faceStrength", ...hundredths]),
  ],
};

export const endpoints: readonly Endpoint[] = [
  ...fal("base", "Base", base),
  ...fal("turbo", "Turbo", textToImage),
  ...fal("turbo/image-to-image", "TurboImageToImage", imageToImage),
  ...fal("turbo/inpaint", "TurboInpaint", inpaint),
  ...fal("turbo/controlnet", "TurboControlnet", controlled),
  ...fal("turbo/tiling", "TurboTiling", tiling),
  falResults,
  runware,
];
