import type { DefinitionLookup } from "../definition.ts";
import type { JsonValue } from "../document.ts";
import { chooseModel, present } from "./a1111.ts";
import type { ImportedWorkflow } from "./comfyui/import.ts";
import { readSeed } from "./comfyui/mapping/simple-rule.ts";
import { draftWorkflow } from "./draft.ts";
import { fileName } from "./fal.ts";
import { type Fields, isFields, numberOf, objectsOf, textOf } from "./fields.ts";
import type { ImportNote } from "./report.ts";
import { findSamplerNames } from "./sampler-names.ts";
import { settingsReport } from "./settings-report.ts";

/** The first `imageInference` task of a request: a list of tasks, or one alone. */
export function detectRunware(value: JsonValue): Fields | undefined {
  const tasks = Array.isArray(value) ? value.filter(isFields) : isFields(value) ? [value] : [];
  return tasks.find(
    ({ taskType, positivePrompt }) => taskType === "imageInference" && typeof positivePrompt === "string",
  );
}

const mappedFields = new Set([
  "positivePrompt",
  "negativePrompt",
  "width",
  "height",
  "steps",
  "CFGScale",
  "seed",
  "scheduler",
  "numberResults",
  "outputFormat",
  "outputQuality",
  "lora",
  "strength",
  "controlNet",
]);
/** About delivery, not about the picture. */
const silentFields = new Set([
  "taskType",
  "taskUUID",
  "outputType",
  "deliveryMethod",
  "includeCost",
  "webhookURL",
  "uploadEndpoint",
  "safety",
  "ttl",
  "model",
]);
const formats: Readonly<Record<string, string>> = { JPG: "jpeg", JPEG: "jpeg", PNG: "png", WEBP: "webp" };

/** A workflow that draws what the task asks for. */
export function importRunware(task: Fields, definitions: DefinitionLookup): ImportedWorkflow {
  const notes: ImportNote[] = [chooseModel];
  const rest = Object.fromEntries(Object.entries(task).filter(([name]) => !mappedFields.has(name)));
  const isTurbo = /turbo/i.test(textOf(task.model) ?? "turbo");
  const seedImage = textOf(task.seedImage);
  const scheduler = textOf(task.scheduler);
  const names = scheduler === undefined ? undefined : findSamplerNames(definitions, scheduler, undefined, "flow_match");
  if (scheduler !== undefined && !names) {
    notes.push({
      message: `The task asks for the scheduler "${scheduler}", which Heddle does not have; Euler is used.`,
      help: "Choose another solver in the Sampler.",
      nodeId: "sampler",
      field: "solver",
    });
  }
  const control = objectsOf(task.controlNet)[0];
  const format = Object.hasOwn(formats, String(task.outputFormat)) ? formats[String(task.outputFormat)] : "jpeg";
  const draft = draftWorkflow(
    {
      title: isTurbo ? "Z-Image Turbo, from a Runware task" : "Z-Image, from a Runware task",
      checkpoint: isTurbo ? "Z-Image-Turbo" : "Z-Image",
      prompt: textOf(task.positivePrompt) ?? "",
      negativePrompt: textOf(task.negativePrompt) ?? "",
      size: { width: numberOf(task.width) ?? 1024, height: numberOf(task.height) ?? 1024 },
      pictures: numberOf(task.numberResults) ?? 1,
      sampler: {
        seed: readSeed(task.seed ?? 0),
        ...present("steps", numberOf(task.steps) ?? (isTurbo ? 8 : 28)),
        ...present("guidance", numberOf(task.CFGScale) ?? (isTurbo ? 1 : 4)),
        ...(seedImage === undefined ? {} : { denoise: numberOf(task.strength) ?? 0.8, strengthRule: "truncate" }),
        ...(names ?? {}),
      },
      loras: objectsOf(task.lora).map((lora) => ({
        name: fileName(textOf(lora.model) ?? "lora"),
        weight: numberOf(lora.weight) ?? 1,
      })),
      save: { ...present("format", format), ...present("quality", numberOf(task.outputQuality) ?? 95) },
      startsFromPicture: seedImage !== undefined,
      masked: textOf(task.maskImage) !== undefined,
      ...(control ? { controlNet: controlOf(control, numberOf(task.steps)) } : {}),
    },
    definitions,
    { runware: { ...rest, ...present("lora", task.lora), ...present("controlNet", task.controlNet) } },
  );
  if (control) {
    notes.push(
      fetchNote("guideImage of the ControlNet", "control-picture"),
      ...(objectsOf(task.controlNet).length > 1
        ? [{ message: "Only the first ControlNet was taken over.", help: "Add the others with Apply ControlNet." }]
        : []),
    );
  }
  for (const [name, value] of Object.entries(rest)) {
    if (silentFields.has(name) || value === null) continue;
    if (name === "seedImage" || name === "maskImage") notes.push(fetchNote(name, "picture"));
    else notes.push(notTaken(name));
  }
  return {
    document: draft.document,
    report: settingsReport("runware", draft, notes, {
      mapped: Object.keys(task).length - Object.keys(rest).length,
      kept: Object.keys(rest).length,
    }),
  };
}

/** Start and end come as steps or in percent. */
function controlOf(control: Fields, steps: number | undefined) {
  const share = (step: JsonValue | undefined, percentage: JsonValue | undefined, otherwise: number) => {
    if (typeof percentage === "number") return percentage / 100;
    return typeof step === "number" && steps ? Math.min(1, step / steps) : otherwise;
  };
  return {
    name: fileName(textOf(control.model) ?? "controlnet"),
    strength: numberOf(control.weight) ?? 1,
    start: share(control.startStep, control.startStepPercentage, 0),
    end: share(control.endStep, control.endStepPercentage, 1),
  };
}

function fetchNote(what: string, nodeId: string): ImportNote {
  return {
    message: `The picture in ${what} was not fetched.`,
    help: "Drop your copy of it onto the Load Image node.",
    nodeId,
    field: "image",
  };
}

function notTaken(name: string): ImportNote {
  return {
    message: `The task's ${name} was not taken over.`,
    help: "It is kept in the file. Set it by hand if the picture needs it.",
  };
}
