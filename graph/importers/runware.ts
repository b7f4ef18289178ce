import type { DefinitionLookup } from "../definition.ts";
import type { JsonValue } from "../document.ts";
import { chooseModel, present } from "./a1111.ts";
import type { ImportedWorkflow } from "./comfyui/import.ts";
import { readSeed } from "./comfyui/mapping/simple-rule.ts";
import { type ControlSettings, controlId, draftWorkflow, type Settings } from "./draft.ts";
import { fileName } from "./fal.ts";
import { type Fields, fieldsOf, isFields, numberOf, objectsOf, textOf } from "./fields.ts";
import type { ImportNote } from "./report.ts";
import {
  accelerateParams,
  acceleratorDefaults,
  controlModes,
  faceParams,
  ultralyticsDefaults,
} from "./runware-params.ts";
import { findSamplerNames } from "./sampler-names.ts";
import { needsClassifier, notFetched, settingsReport } from "./settings-report.ts";

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
  "acceleratorOptions",
  "ultralytics",
  "safety",
  "checkNSFW",
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
  "ttl",
  "model",
]);
const formats: Readonly<Record<string, string>> = { JPG: "jpeg", JPEG: "jpeg", PNG: "png", WEBP: "webp" };

/** A workflow that draws what the task asks for. */
export function importRunware(task: Fields, definitions: DefinitionLookup): ImportedWorkflow {
  const notes: ImportNote[] = [chooseModel];
  const isTurbo = /turbo/i.test(textOf(task.model) ?? "turbo");
  const steps = numberOf(task.steps) ?? (isTurbo ? 8 : 28);
  const inputs = fieldsOf(task.inputs);
  const startsFromPicture = textOf(task.seedImage ?? inputs.seedImage) !== undefined;
  const masked = startsFromPicture && textOf(task.maskImage ?? inputs.maskImage) !== undefined;
  const maskMargin = masked ? numberOf(task.maskMargin) : undefined;
  const scheduler = textOf(task.scheduler);
  const names = scheduler === undefined ? undefined : findSamplerNames(definitions, scheduler, undefined, "flow_match");
  if (scheduler !== undefined && !names) {
    notes.push({
      code: "import-sampler-replaced",
      message: `The task asks for the scheduler "${scheduler}", which Heddle does not have; Euler is used.`,
      help: "Choose another solver in the Sampler.",
      nodeId: "sampler",
      field: "solver",
      details: { cause: "task", sampler: scheduler },
    });
  }
  const controls = objectsOf(task.controlNet).map((control) => controlOf(control, steps));
  const acceleration = accelerationOf(fieldsOf(task.acceleratorOptions));
  const isChecked = fieldsOf(task.safety).checkContent === true || task.checkNSFW === true;
  const settings: Pick<Settings, "acceleration" | "faces" | "safety" | "maskMargin"> = {
    ...(acceleration ? { acceleration } : {}),
    ...(isFields(task.ultralytics) ? { faces: faceParams(filledIn(ultralyticsDefaults, task.ultralytics)) } : {}),
    ...(isChecked ? { safety: { check: "default", action: "pass" } } : {}),
    ...(maskMargin === undefined ? {} : { maskMargin }),
  };
  const rest = Object.fromEntries(
    Object.entries(task).filter(
      ([name]) => !(mappedFields.has(name) || (name === "maskMargin" && maskMargin !== undefined)),
    ),
  );
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
        steps,
        guidance: numberOf(task.CFGScale) ?? (isTurbo ? 1 : 4),
        ...(startsFromPicture ? { denoise: numberOf(task.strength) ?? 0.8, strengthRule: "truncate" } : {}),
        ...(names ?? {}),
      },
      loras: objectsOf(task.lora).map((lora) => ({
        name: fileName(textOf(lora.model) ?? "lora"),
        weight: numberOf(lora.weight) ?? 1,
      })),
      save: { ...present("format", format), ...present("quality", numberOf(task.outputQuality) ?? 95) },
      startsFromPicture,
      masked,
      controls,
      ...settings,
    },
    definitions,
    { runware: { ...rest, ...keptAsTheyAre(task) } },
  );
  const guide = "guideImage of the ControlNet";
  notes.push(...controls.map((_, index) => notFetched(guide, `${controlId(index)}-picture`, "guideImage")));
  if (isChecked) notes.push(needsClassifier);
  for (const [name, value] of Object.entries(rest)) {
    if (silentFields.has(name) || value === null) continue;
    if (startsFromPicture && (name === "seedImage" || name === "maskImage" || name === "inputs")) {
      notes.push(notFetched(name, "picture"));
    } else notes.push(notTaken(name));
  }
  return {
    document: draft.document,
    report: settingsReport("runware", draft, notes, {
      mapped: Object.keys(task).length - Object.keys(rest).length,
      kept: Object.keys(rest).length,
    }),
  };
}

/** Start and end come as steps or in percent; one of each becomes shares of `steps`. */
function controlOf(control: Fields, steps: number): ControlSettings {
  const mode = textOf(control.controlMode) ?? "balanced";
  const [startStep, endStep] = [numberOf(control.startStep), numberOf(control.endStep)];
  const [startPercent, endPercent] = [numberOf(control.startStepPercentage), numberOf(control.endStepPercentage)];
  const inSteps = (startStep ?? endStep) !== undefined && (startPercent ?? endPercent) === undefined;
  const share = (step: number | undefined, percent: number) =>
    Math.min(1, step === undefined ? percent / 100 : step / steps);
  const range: Record<string, JsonValue> = inSteps
    ? { range: "steps", startStep: startStep ?? 0, endStep: endStep ?? 1_000 }
    : { range: "share", start: share(startStep, startPercent ?? 0), end: share(endStep, endPercent ?? 100) };
  return {
    name: fileName(textOf(control.model) ?? "controlnet"),
    params: {
      strength: numberOf(control.weight) ?? 1,
      mode: isControlMode(mode) ? controlModes[mode] : mode,
      ...range,
    },
  };
}

function isControlMode(mode: string): mode is keyof typeof controlModes {
  return Object.hasOwn(controlModes, mode);
}

function accelerationOf(fields: Fields): Settings["acceleration"] {
  const names = ["cacheStartStep", "cacheEndStep", "cacheStartStepPercentage", "cacheEndStepPercentage"] as const;
  const range = Object.fromEntries(names.map((name) => [name, numberOf(fields[name])]));
  return accelerateParams({ ...filledIn(acceleratorDefaults, fields), ...range });
}

/** The defaults with those fields in their place that are of the same kind. */
function filledIn<T extends Fields>(defaults: T, fields: Fields): T {
  const said = Object.entries(fields).filter(
    ([name, value]) => Object.hasOwn(defaults, name) && typeof value === typeof defaults[name],
  );
  return { ...defaults, ...Object.fromEntries(said) };
}

/** What names files, or has fields that no node has, stays in the file besides. */
function keptAsTheyAre(task: Fields): Fields {
  const names = ["lora", "controlNet", "acceleratorOptions", "ultralytics"];
  return Object.fromEntries(Object.entries(task).filter(([name]) => names.includes(name)));
}

function notTaken(name: string): ImportNote {
  return {
    code: "import-setting-not-taken",
    message: `The task’s ${name} was not taken over.`,
    help: "It is kept in the file. Set it by hand if the picture needs it.",
    details: { cause: "request", name },
  };
}
