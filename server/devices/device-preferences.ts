import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type DevicePreferences, devicePreferencesSchema, type EngineDevice } from "../../protocol/devices.ts";
import type { EngineSettings } from "../engine-process/engine-settings.ts";
import { writeJsonFile } from "../services/atomic-file.ts";

const defaults: DevicePreferences = {
  device: "auto",
  precision: { transformer: "auto", textEncoder: "auto", vae: "auto" },
  models: {},
  memoryBytes: null,
};

const { device, precision, models, memoryBytes } = devicePreferencesSchema.shape;
const { transformer, textEncoder, vae } = precision.shape;

/** Until there was a plan for each part, one name stood for transformers and text encoders. */
const precisionSchema = z.union([
  z.string().transform((plan) => ({ transformer: plan, textEncoder: plan, vae: "auto" })),
  z.record(z.string(), z.unknown()),
]);

/** What this version does not understand counts as not chosen. */
const keptSchema = z
  .object({
    device: device.catch(defaults.device),
    precision: precisionSchema.catch({}).pipe(
      z.object({
        transformer: transformer.catch("auto"),
        textEncoder: textEncoder.catch("auto"),
        vae: vae.catch("auto"),
      }),
    ),
    models: models.catch(defaults.models),
    memoryBytes: memoryBytes.catch(defaults.memoryBytes),
  })
  .catch(defaults);

/** What an engine is started with: what was chosen, on the device that was found for it. */
export function engineSettingsOf(
  { precision, models, memoryBytes }: DevicePreferences,
  { device, halfPrecision }: { device: EngineDevice; halfPrecision: boolean },
): EngineSettings {
  return {
    device,
    halfPrecision,
    precision,
    ...(Object.keys(models).length > 0 && { modelPrecision: models }),
    ...(memoryBytes !== null && { memoryBudgetBytes: memoryBytes }),
  };
}

/** How the engine of this machine is to compute, in a file of Heddle's own folder. */
export class DevicePreferencesFile {
  readonly #file: string;

  constructor(home: string) {
    this.#file = join(home, "devices.json");
  }

  read(): DevicePreferences {
    try {
      return keptSchema.parse(JSON.parse(readFileSync(this.#file, "utf8")));
    } catch {
      return defaults;
    }
  }

  /** @throws the file system's errors */
  write(preferences: DevicePreferences): void {
    writeJsonFile(this.#file, preferences);
  }
}
