import { z } from "zod";
import { errorPayloadSchema } from "../graph/events.ts";
import { procedure } from "./procedure.ts";

/** What the engine can compute with, as the runtime calls it. */
export const engineDevices = ["cpu", "webgpu", "dml", "coreml", "cuda"] as const;

/** Precision plans, the most exact first; `engine/precision/plan.ts` says what they are. */
export const precisionChoices = ["auto", "reference", "w16", "h8", "int8", "int4", "fp16"] as const;

/** The least memory that a person may set for weights, in bytes. */
export const LEAST_MEMORY_BYTES = 1e9;

/** How the engine of this machine is to compute: the host keeps it, for all windows. */
export const devicePreferencesSchema = z.object({
  /** `auto` is the processor: a graphics processor has to be chosen. */
  device: z.enum(["auto", ...engineDevices]),
  precision: z.enum(precisionChoices),
  /** For weights, in bytes; `null` for what is detected. */
  memoryBytes: z.int().min(LEAST_MEMORY_BYTES).nullable(),
});

const triedDeviceSchema = z.object({
  device: z.enum(engineDevices),
  works: z.boolean(),
  /** It also multiplies in half precision. */
  halfPrecision: z.boolean(),
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
    })
    .nullable(),
  /** The engine was started with other preferences, and starts anew once the run in it has ended. */
  isPending: z.boolean(),
});

export const devicesContract = {
  /** Tries every device in processes of their own, once per start of the host, or `again`. */
  report: procedure.input(z.object({ again: z.boolean().optional() })).output(deviceReportSchema),
  state: procedure.output(deviceStateSchema),
  /** Keeps the preferences. The engine starts anew with them, once the run that is in it has ended. */
  change: procedure.input(devicePreferencesSchema).output(deviceStateSchema),
};

export type EngineDevice = (typeof engineDevices)[number];
export type DevicePreferences = z.infer<typeof devicePreferencesSchema>;
export type DeviceReport = z.infer<typeof deviceReportSchema>;
export type DeviceState = z.infer<typeof deviceStateSchema>;
