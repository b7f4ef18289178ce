import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DevicePreferences, devicePreferencesSchema } from "../../protocol/devices.ts";
import { writeJsonFile } from "../services/atomic-file.ts";

const defaults: DevicePreferences = { device: "auto", precision: "auto", memoryBytes: null };

const { device, precision, memoryBytes } = devicePreferencesSchema.shape;
/** What this version does not understand counts as not chosen. */
const keptSchema = devicePreferencesSchema
  .extend({
    device: device.catch(defaults.device),
    precision: precision.catch(defaults.precision),
    memoryBytes: memoryBytes.catch(defaults.memoryBytes),
  })
  .catch(defaults);

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
