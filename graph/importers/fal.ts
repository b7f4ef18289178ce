import type { DefinitionLookup } from "../definition.ts";
import type { JsonValue } from "../document.ts";
import { chooseModel, present } from "./a1111.ts";
import type { ImportedWorkflow } from "./comfyui/import.ts";
import { readSeed } from "./comfyui/mapping/simple-rule.ts";
import { type ControlSettings, draftWorkflow, type Settings } from "./draft.ts";
import { type Fields, fieldsOf, isFields, numberOf, objectsOf, textOf } from "./fields.ts";
import type { ImportNote } from "./report.ts";
import { needsClassifier, notFetched, settingsReport } from "./settings-report.ts";

export interface FalRequest {
  /** "fal-ai/z-image/turbo"; empty when the file has the input alone. */
  endpoint: string;
  input: Fields;
}

const typicalFields = [
  "image_size",
  "num_inference_steps",
  "num_images",
  "enable_safety_checker",
  "output_format",
  "acceleration",
  "sync_mode",
  "guidance_scale",
  "image_url",
  "loras",
];

/** A request to one of fal's Z-Image endpoints: the input, alone or beside the endpoint's name. */
export function detectFal(value: JsonValue): FalRequest | undefined {
  if (!isFields(value)) return undefined;
  const input = [value.input, value.arguments].find(isFields) ?? value;
  const name = textOf(value.endpoint) ?? textOf(value.endpoint_id) ?? textOf(value.model) ?? textOf(value.app) ?? "";
  const isFal = name.startsWith("fal-ai/") || typicalFields.some((field) => field in input);
  return typeof input.prompt === "string" && isFal
    ? { endpoint: name.startsWith("fal-ai/") ? name : "", input }
    : undefined;
}

const mappedFields = new Set([
  "prompt",
  "negative_prompt",
  "image_size",
  "num_inference_steps",
  "seed",
  "num_images",
  "output_format",
  "guidance_scale",
  "loras",
  "strength",
  "enable_safety_checker",
  "enable_prompt_expansion",
]);
const tilingFields = ["tiling_mode", "tile_size", "tile_stride"];
const controlFields = ["control_scale", "control_start", "control_end", "preprocess"];
/** About the service, not about the picture. */
const silentFields = new Set(["sync_mode"]);

/**
 * A workflow that draws what the request asks for. Defaults are those of the endpoints' documentation; but acceleration and the
 * safety checker, which those have on, are there only when the request names them.
 */
export function importFal({ endpoint, input }: FalRequest, definitions: DefinitionLookup): ImportedWorkflow {
  const isBase =
    endpoint.includes("/base") || (endpoint === "" && ("guidance_scale" in input || "negative_prompt" in input));
  const masked = typeof input.mask_url === "string" || typeof input.mask_image_url === "string";
  const tiling = tilingOf(endpoint, input);
  const control = masked || tiling ? undefined : controlOf(endpoint, input);
  const startsFromPicture = typeof input.image_url === "string" && !control;
  const usualSize = tiling ? "square_hd" : startsFromPicture || control ? "auto" : "landscape_4_3";
  const acceleration = textOf(input.acceleration);
  const isKnownAcceleration = acceleration !== undefined && accelerations.has(acceleration);
  const taken = new Set([
    ...mappedFields,
    ...(tiling ? tilingFields : []),
    ...(control ? controlFields : []),
    ...(isKnownAcceleration ? ["acceleration"] : []),
  ]);
  const rest = Object.fromEntries(Object.entries(input).filter(([name]) => !taken.has(name)));
  const settings: Pick<Settings, "tiling" | "acceleration" | "safety" | "controls" | "expandsPrompt"> = {
    ...(tiling ? { tiling } : {}),
    ...(control ? { controls: [control] } : {}),
    ...(isKnownAcceleration && acceleration !== "none" ? { acceleration: { preset: acceleration } } : {}),
    ...(input.enable_safety_checker === true ? { safety: { check: "default", action: "block" } } : {}),
    expandsPrompt: input.enable_prompt_expansion === true,
  };
  const draft = draftWorkflow(
    {
      title: isBase ? "Z-Image, from a fal request" : "Z-Image Turbo, from a fal request",
      checkpoint: isBase ? "Z-Image" : "Z-Image-Turbo",
      prompt: String(input.prompt ?? ""),
      negativePrompt: textOf(input.negative_prompt) ?? "",
      size: sizeOf(input.image_size, usualSize, startsFromPicture || control !== undefined),
      pictures: numberOf(input.num_images) ?? 1,
      sampler: {
        seed: readSeed(input.seed ?? 0),
        steps: numberOf(input.num_inference_steps) ?? (isBase ? 28 : 8),
        guidance: numberOf(input.guidance_scale) ?? (isBase ? 4 : 1),
        ...(startsFromPicture
          ? { denoise: numberOf(input.strength) ?? (masked && !tiling ? 1 : 0.6), strengthRule: "truncate" }
          : {}),
      },
      loras: objectsOf(input.loras).map((lora) => ({
        name: fileName(textOf(lora.path) ?? textOf(lora.lora) ?? "lora"),
        weight: numberOf(lora.scale) ?? numberOf(lora.weight) ?? 1,
      })),
      save: present("format", textOf(input.output_format)),
      startsFromPicture,
      masked,
      ...settings,
    },
    definitions,
    { fal: { ...(endpoint === "" ? {} : { endpoint }), input: { ...rest, ...present("loras", input.loras) } } },
  );
  return {
    document: draft.document,
    report: settingsReport("fal", draft, [chooseModel, ...falNotes(input, rest, settings, startsFromPicture)], {
      mapped: Object.keys(input).length - Object.keys(rest).length,
      kept: Object.keys(rest).length,
    }),
  };
}

const accelerations = new Set(["none", "regular", "high"]);

/** Params of Seamless Tiling for the endpoint that tiles, also where only its fields give it away. */
function tilingOf(endpoint: string, input: Fields): Settings["tiling"] {
  if (!endpoint.includes("/tiling") && !tilingFields.some((field) => field in input)) return undefined;
  const tileSize = numberOf(input.tile_size) ?? 128;
  const tileStride = Math.min(tileSize, numberOf(input.tile_stride) ?? 64);
  return { mode: textOf(input.tiling_mode) ?? "both", tileSize, tileStride };
}

/** The ControlNet of the endpoint that has one, also where only its fields give it away. Which file it is, no request says. */
function controlOf(endpoint: string, input: Fields): ControlSettings | undefined {
  if (!endpoint.includes("/controlnet") && !controlFields.some((field) => field in input)) return undefined;
  const params = {
    strength: numberOf(input.control_scale) ?? 0.75,
    start: numberOf(input.control_start) ?? 0,
    end: numberOf(input.control_end) ?? 0.8,
  };
  const method = textOf(input.preprocess) ?? "none";
  if (method === "none") return { name: "", params };
  const preprocess: ControlSettings["preprocess"] =
    method === "depth" || method === "pose"
      ? { type: "preprocess-with-model", params: { preprocessor: `preprocessors/${method}.onnx` } }
      : { type: "preprocess-control", params: { method } };
  return { name: "", params, preprocess };
}

function falNotes(
  input: Fields,
  rest: Fields,
  { controls, safety }: Pick<Settings, "controls" | "safety">,
  startsFromPicture: boolean,
): ImportNote[] {
  const notes: ImportNote[] = objectsOf(input.loras).map((lora) => ({
    code: "import-lora-elsewhere",
    message: `The LoRA comes from ${textOf(lora.path) ?? "an unknown place"}; nothing was downloaded.`,
    help: "Put the file into your LoRA folder, and choose it in the LoRA Stack.",
    nodeId: "loras",
    field: "loras",
    details: { cause: textOf(lora.path) === undefined ? "unknown" : "named", path: textOf(lora.path) ?? "" },
  }));
  if (controls) {
    notes.push({
      code: "import-controlnet-unsaid",
      message: "The request does not say which ControlNet it takes.",
      help: "Choose yours in Load ControlNet.",
      nodeId: "control-net",
      field: "controlNet",
    });
  }
  if (safety) notes.push(needsClassifier);
  for (const [name, value] of Object.entries(rest)) {
    if (silentFields.has(name) || value === null) continue;
    const isPicture = /(^|_)(image|mask)(_image)?_url$/.test(name);
    notes.push(
      isPicture && (startsFromPicture || controls)
        ? notFetched(name, startsFromPicture ? "picture" : "control-picture")
        : {
            code: "import-setting-not-taken",
            message: `The request’s ${name} was not taken over.`,
            help: "It is kept in the file. Set it by hand if the picture needs it.",
            details: { cause: "request", name },
          },
    );
  }
  return notes;
}

/** One of the service's presets, which Image Size has too, or pixels; "auto" is that of the picture, where there is one. */
function sizeOf(value: JsonValue | undefined, usual: string, hasPicture: boolean): Settings["size"] {
  const { width, height } = fieldsOf(value);
  if (typeof width === "number" && typeof height === "number") return { width, height };
  const preset = textOf(value) ?? usual;
  return preset !== "auto" ? preset : hasPicture ? "picture" : "square_hd";
}

/** The last part of an address or path, which is what the file is called once somebody has it. */
export function fileName(path: string): string {
  const name = path.split(/[?#]/)[0]!.split(/[\\/]/).filter(Boolean).at(-1) ?? "lora";
  return /\.\w+$/.test(name) ? name : `${name}.safetensors`;
}
