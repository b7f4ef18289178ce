import type { DefinitionLookup } from "../definition.ts";
import type { JsonValue } from "../document.ts";
import { chooseModel, present } from "./a1111.ts";
import type { ImportedWorkflow } from "./comfyui/import.ts";
import { readSeed } from "./comfyui/mapping/simple-rule.ts";
import { draftWorkflow } from "./draft.ts";
import { type Fields, fieldsOf, isFields, numberOf, objectsOf, textOf } from "./fields.ts";
import type { ImportNote } from "./report.ts";
import { settingsReport } from "./settings-report.ts";

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
]);
/** About the service, not about the picture. */
const silentFields = new Set(["sync_mode", "enable_safety_checker", "acceleration"]);

/** A workflow that draws what the request asks for. Defaults are those of the endpoints' documentation. */
export function importFal({ endpoint, input }: FalRequest, definitions: DefinitionLookup): ImportedWorkflow {
  const isBase =
    endpoint.includes("/base") || (endpoint === "" && ("guidance_scale" in input || "negative_prompt" in input));
  const startsFromPicture = typeof input.image_url === "string" && !/controlnet|tiling/.test(endpoint);
  const rest = Object.fromEntries(Object.entries(input).filter(([name]) => !mappedFields.has(name)));
  const draft = draftWorkflow(
    {
      title: isBase ? "Z-Image, from a fal request" : "Z-Image Turbo, from a fal request",
      checkpoint: isBase ? "Z-Image" : "Z-Image-Turbo",
      prompt: String(input.prompt ?? ""),
      negativePrompt: textOf(input.negative_prompt) ?? "",
      size: sizeOf(input.image_size, startsFromPicture),
      pictures: numberOf(input.num_images) ?? 1,
      sampler: {
        seed: readSeed(input.seed ?? 0),
        steps: numberOf(input.num_inference_steps) ?? (isBase ? 28 : 8),
        guidance: numberOf(input.guidance_scale) ?? (isBase ? 4 : 1),
        ...(startsFromPicture ? { denoise: numberOf(input.strength) ?? 0.6, strengthRule: "truncate" } : {}),
      },
      loras: objectsOf(input.loras).map((lora) => ({
        name: fileName(textOf(lora.path) ?? textOf(lora.lora) ?? "lora"),
        weight: numberOf(lora.scale) ?? numberOf(lora.weight) ?? 1,
      })),
      save: present("format", textOf(input.output_format)),
      startsFromPicture,
      masked: typeof input.mask_url === "string" || typeof input.mask_image_url === "string",
    },
    definitions,
    { fal: { ...(endpoint === "" ? {} : { endpoint }), input: { ...rest, ...present("loras", input.loras) } } },
  );
  return {
    document: draft.document,
    report: settingsReport("fal", draft, [chooseModel, ...falNotes(input, rest, startsFromPicture)], {
      mapped: Object.keys(input).length - Object.keys(rest).length,
      kept: Object.keys(rest).length,
    }),
  };
}

function falNotes(input: Fields, rest: Fields, startsFromPicture: boolean): ImportNote[] {
  const notes: ImportNote[] = objectsOf(input.loras).map((lora) => ({
    message: `The LoRA comes from ${textOf(lora.path) ?? "an unknown place"}; nothing was downloaded.`,
    help: "Put the file into your LoRA folder, and choose it in the LoRA Stack.",
    nodeId: "loras",
    field: "loras",
  }));
  for (const [name, value] of Object.entries(rest)) {
    if (silentFields.has(name) || value === null) continue;
    const isPicture = /(^|_)(image|mask)(_image)?_url$/.test(name);
    notes.push(
      isPicture && startsFromPicture
        ? {
            message: `The picture in ${name} was not fetched.`,
            help: "Drop your copy of it onto the Load Image node.",
            nodeId: "picture",
            field: "image",
          }
        : {
            message: `The request's ${name} was not taken over.`,
            help: "It is kept in the file. Set it by hand if the picture needs it.",
          },
    );
  }
  return notes;
}

/** One of the service's presets, which Image Size has too, or pixels. */
function sizeOf(value: JsonValue | undefined, startsFromPicture: boolean): string | { width: number; height: number } {
  const { width, height } = fieldsOf(value);
  if (typeof width === "number" && typeof height === "number") return { width, height };
  const preset = textOf(value);
  return preset !== undefined && preset !== "auto" ? preset : startsFromPicture ? "picture" : "landscape_4_3";
}

/** The last part of an address or path, which is what the file is called once somebody has it. */
export function fileName(path: string): string {
  const name = path.split(/[?#]/)[0]!.split(/[\\/]/).filter(Boolean).at(-1) ?? "lora";
  return /\.\w+$/.test(name) ? name : `${name}.safetensors`;
}
