import { totalmem } from "node:os";
import { HeddleError } from "../common/errors.ts";
import {
  type DevicePreferences,
  devicePreferencesSchema,
  engineDevices,
  LEAST_MEMORY_BYTES,
  precisionChoices,
} from "../protocol/devices.ts";
import { DevicePreferencesFile } from "../server/devices/device-preferences.ts";
import { DeviceService, type DeviceServiceOptions } from "../server/devices/device-service.ts";
import type { EngineSettings } from "../server/engine-process/engine-settings.ts";
import { heddleFolders } from "../server/services/home.ts";
import { note } from "./print.ts";

/** As they were typed. */
export interface EngineOptions {
  device?: string;
  precision?: string;
  /** In GB. */
  memory?: string;
}

/** How the engine of this process computes, and who keeps what becomes of that. */
interface OwnEngine {
  readonly settings: EngineSettings;
  /** The engine ended in the middle of a run; returns what to tell people of it. */
  crashed(error: HeddleError): HeddleError;
}

/**
 * How the engine of this process computes: as that of the studio, by what Settings > Devices keeps, in which options of the
 * command line take the place of what they name.
 * @throws HeddleError `bad-setting`; `device-unusable` when the device that was asked for here does not work
 */
export async function ownEngine(
  options: EngineOptions,
  service: Omit<DeviceServiceOptions, "home" | "instead"> = {},
): Promise<OwnEngine> {
  const { home } = heddleFolders();
  const devices = new DeviceService({ ...service, home, instead: preferencesOf(options, home, service.memoryBytes) });
  try {
    const settings = await devices.configure();
    const { preferences, inUse } = devices.state();
    if (inUse?.fallback) {
      if (options.device !== undefined) throw unusable(preferences.device, inUse.fallback);
      note(`The processor computes: ${preferences.device}, which is set, cannot be used: ${inUse.fallback}`);
    }
    return { settings, crashed: (error) => keepCrash(devices, error) };
  } finally {
    devices.close();
  }
}

/** Who stops a run, or runs out of memory, says nothing against the device. */
function keepCrash(devices: DeviceService, error: HeddleError): HeddleError {
  const cause = error.details?.cause;
  if (cause === "crash") return devices.crashed(error);
  const help =
    cause === "out-of-memory"
      ? "Close other programs, or choose a smaller picture or a smaller model, and run again."
      : "Run again. If it happens again, file an issue with what was printed.";
  return new HeddleError({ ...error.toPayload(), help }, { cause: error });
}

function preferencesOf(
  { device, precision, memory }: EngineOptions,
  home: string,
  machineBytes = totalmem(),
): Partial<DevicePreferences> {
  const preferences: Partial<DevicePreferences> = {};
  if (device !== undefined) {
    const parsed = devicePreferencesSchema.shape.device.safeParse(device);
    if (!parsed.success) throw badOption("device", device, ["auto", ...engineDevices]);
    preferences.device = parsed.data;
  }
  if (precision !== undefined) {
    const plan = precisionChoices.find((choice) => choice === precision);
    if (!plan) throw badOption("precision", precision, precisionChoices);
    const { vae } = new DevicePreferencesFile(home).read().precision;
    // It goes before what was chosen for single models, too.
    Object.assign(preferences, { precision: { transformer: plan, textEncoder: plan, vae }, models: {} });
  }
  if (memory !== undefined) {
    const bytes = Number(memory) * 1e9;
    if (!(bytes >= LEAST_MEMORY_BYTES && bytes <= machineBytes)) {
      const range = `${LEAST_MEMORY_BYTES / 1e9} to ${(machineBytes / 1e9).toFixed(1)}`;
      throw badOption("memory", memory, [`a number of GB from ${range}, all that this machine has`]);
    }
    preferences.memoryBytes = Math.round(bytes);
  }
  return preferences;
}

function badOption(name: string, value: string, allowed: readonly string[]): HeddleError {
  return new HeddleError({
    code: "bad-setting",
    message: `--${name} cannot be "${value}".`,
    help: `It can be: ${allowed.join(", ")}.`,
    field: name,
  });
}

function unusable(device: string, reason: string): HeddleError {
  return new HeddleError({
    code: "device-unusable",
    message: `${device} cannot be used: ${reason}`,
    help: "heddle doctor tells what this machine can compute with.",
    field: "device",
  });
}
