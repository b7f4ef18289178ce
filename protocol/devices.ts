import { z } from "zod";
import { modelKinds } from "../graph/definition.ts";
import { errorPayloadSchema } from "../graph/events.ts";
import { procedure } from "./procedure.ts";

/** What the engine can compute with, as the runtime calls it. */
export const engineDevices = ["cpu", "webgpu", "dml", "coreml", "cuda"] as const;

/** Precision plans, the most exact first; `engine/precision/plan.ts` says what they are. */
export const precisionChoices = ["auto", "reference", "w16", "h8", "int8", "int4", "fp16"] as const;

/** How the pictures of a VAE are decoded; `engine/precision/vae-plan.ts`. */
export const vaeChoices = ["auto", "whole", "strips"] as const;

/** Parts of a model that a plan is chosen for. */
export const plannedParts = ["transformer", "textEncoder", "vae"] as const;

const partPlansSchema = z.object({
  transformer: z.enum(precisionChoices),
  textEncoder: z.enum(precisionChoices),
  vae: z.enum(vaeChoices),
});

/** The least memory that a person may set for weights, in bytes. */
export const LEAST_MEMORY_BYTES = 1e9;

/** How the engine of this machine is to compute: the host keeps it, for all windows. */
export const devicePreferencesSchema = z.object({
  /** `auto` is the fastest of those that were tried. */
  device: z.enum(["auto", ...engineDevices]),
  precision: partPlansSchema,
  /** For single models, by the real path of their folder or file; what is absent follows `precision`. */
  models: z.record(z.string(), partPlansSchema.partial()),
  /** For weights, in bytes; `null` for what is detected. */
  memoryBytes: z.int().min(LEAST_MEMORY_BYTES).nullable(),
});

/** Why a device was chosen by itself; `engine/runtime/choose-device.ts`. */
export const automaticReasons = [
  "no-graphics",
  "none-works",
  "software",
  "not-faster",
  "faster",
  "untried",
  "crashed",
] as const;

export const automaticChoiceSchema = z.object({
  device: z.enum(engineDevices),
  reason: z.enum(automaticReasons),
  /** How many times as fast as the processor the fastest other device was. */
  factor: z.number().nullable(),
});

const triedDeviceSchema = z.object({
  device: z.enum(engineDevices),
  works: z.boolean(),
  /** It also multiplies in half precision. */
  halfPrecision: z.boolean(),
  /** Float32 products of the processor took this many times as long. */
  speed: z.number().nullable(),
  /** Why it does not work. */
  reason: z.string().nullable(),
});

const deviceReportSchema = z.object({
  processor: z.string(),
  threads: z.int(),
  memoryBytes: z.number(),
  /** What of it models get where nobody says otherwise. */
  detectedBudgetBytes: z.number(),
  /** 8-bit products beside float32 ones; `null` when they could not be tried. */
  integerSpeedup: z.number().nullable(),
  /** Those that this system's runtime knows, tried. */
  devices: z.array(triedDeviceSchema),
  /** What `auto` means here; `null` when nothing could be tried. */
  automatic: automaticChoiceSchema.nullable(),
  /** Why nothing could be tried at all. */
  problem: errorPayloadSchema.nullable(),
});

const deviceStateSchema = z.object({
  preferences: devicePreferencesSchema,
  /** What the engine was started with; `null` before its first start. */
  inUse: z
    .object({
      device: z.enum(engineDevices),
      /** Why it is not the device that was chosen. */
      fallback: z.string().nullable(),
      /** Why it was chosen by itself. */
      automatic: automaticChoiceSchema.nullable(),
    })
    .nullable(),
  /** The engine was started with other preferences, and starts anew once the run in it has ended. */
  isPending: z.boolean(),
});

const modelNameSchema = z.object({ kind: z.enum(modelKinds), name: z.string().max(1_000) });

const planOptionSchema = z.object({
  plan: z.union([z.enum(precisionChoices), z.enum(vaeChoices)]),
  /** Of the weights; of a VAE, to decode 1024 x 1024. Without a model: for each weight. */
  memoryBytes: z.number(),
  /** Of derived weights. */
  diskBytes: z.number(),
  /** Beside float32 on the same device; `null` where nothing like it was measured. */
  relativeTime: z.number().nullable(),
  /** PSNR of pictures beside float32; `null` where they are the same. */
  decibels: z.number().nullable(),
});

/** What can be chosen for one part of a model. */
const partOptionsSchema = z.object({
  part: z.enum(plannedParts),
  /** What `auto` is for this model here, and why; `null` without a model. */
  automatic: z.object({ plan: z.union([z.enum(precisionChoices), z.enum(vaeChoices)]), reason: z.string() }).nullable(),
  options: z.array(planOptionSchema),
});

const modelPlansSchema = z.object({
  /** The model's place, under which {@link devicePreferencesSchema} has its plans; `null` without a model. */
  path: z.string().nullable(),
  parts: z.array(partOptionsSchema),
});

/** A plan with which a model may fit where it did not. */
const smallerPlanSchema = modelNameSchema.extend({
  label: z.string(),
  part: z.enum(plannedParts),
  plan: z.union([z.enum(precisionChoices), z.enum(vaeChoices)]),
});

export const devicesContract = {
  /** Tries every device in processes of their own, once per start of the host, or `again`. */
  report: procedure.input(z.object({ again: z.boolean().optional() })).output(deviceReportSchema),
  state: procedure.output(deviceStateSchema),
  /** Keeps the preferences. The engine starts anew with them, once the run that is in it has ended. */
  change: procedure.input(devicePreferencesSchema).output(deviceStateSchema),
  /** The plans that there are, with what they cost: for the parts of a model, or for any. */
  plans: procedure.input(z.object({ model: modelNameSchema.nullable() })).output(modelPlansSchema),
  /** Chooses plans for parts of one model; `null` takes back what was chosen. The engine starts anew as by {@link change}. */
  choosePlans: procedure
    .input(
      modelNameSchema.extend({
        plans: z.object({
          transformer: z.enum(precisionChoices).nullable().optional(),
          textEncoder: z.enum(precisionChoices).nullable().optional(),
          vae: z.enum(vaeChoices).nullable().optional(),
        }),
      }),
    )
    .output(deviceStateSchema),
  /**
   * What could be tried after memory or disk space ran out: a smaller plan for one of these models, the parts in the order
   * in which they count. `null` where all are as small as they get.
   */
  smaller: procedure
    .input(
      z.object({
        models: z.array(modelNameSchema).max(100),
        parts: z.array(z.enum(plannedParts)),
        lacks: z.enum(["memory", "disk"]),
      }),
    )
    .output(smallerPlanSchema.nullable()),
};

export type EngineDevice = (typeof engineDevices)[number];
export type PlannedPart = (typeof plannedParts)[number];
export type AutomaticChoice = z.infer<typeof automaticChoiceSchema>;
export type ModelPlans = z.infer<typeof modelPlansSchema>;
export type PlanOption = z.infer<typeof planOptionSchema>;
export type SmallerPlan = z.infer<typeof smallerPlanSchema>;
export type DevicePreferences = z.infer<typeof devicePreferencesSchema>;
export type DeviceReport = z.infer<typeof deviceReportSchema>;
export type DeviceState = z.infer<typeof deviceStateSchema>;
