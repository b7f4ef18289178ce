import { z } from "zod";
import { devicePreferencesSchema, engineDevices, precisionChoices } from "../../protocol/devices.ts";

/** How an engine process is to compute. It is told at its start, in its environment, and keeps to it. */
const engineSettingsSchema = z.object({
  device: z.enum(engineDevices).optional(),
  /** The device was found to compute in half precision. */
  halfPrecision: z.boolean().optional(),
  /** For all parts, or for each. */
  precision: z.union([z.enum(precisionChoices), devicePreferencesSchema.shape.precision.partial()]).optional(),
  /** For single models, by their real path. */
  modelPrecision: devicePreferencesSchema.shape.models.optional(),
  memoryBudgetBytes: z.number().positive().optional(),
});

export type EngineSettings = z.infer<typeof engineSettingsSchema>;

const VARIABLE = "HEDDLE_ENGINE_SETTINGS";

/** What to add to the environment of an engine process. */
export function engineEnvironment(settings: EngineSettings): Record<string, string> {
  return { [VARIABLE]: JSON.stringify(settings) };
}

/** What this process was started with; nothing where nobody said. */
export function readEngineSettings(environment: NodeJS.ProcessEnv): EngineSettings {
  return engineSettingsSchema.parse(JSON.parse(environment[VARIABLE] ?? "{}"));
}
