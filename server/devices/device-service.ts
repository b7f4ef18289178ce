import { availableParallelism, cpus, totalmem } from "node:os";
import { HeddleError, toHeddleError } from "../../common/errors.ts";
import { examineMachine, type MachineReport, type TrialResult, tryDevice } from "../../engine/runtime/try-device.ts";
import {
  type DevicePreferences,
  type DeviceReport,
  type DeviceState,
  type EngineDevice,
  engineDevices,
} from "../../protocol/devices.ts";
import type { EngineSettings } from "../engine-process/engine-settings.ts";
import { DevicePreferencesFile } from "./device-preferences.ts";

export interface DeviceServiceOptions {
  /** Where preferences are kept. */
  home: string;
  /** Tests give others. Neither may load the runtime into this process. */
  trials?: {
    examine(): Promise<MachineReport>;
    tryDevice(device: EngineDevice): Promise<TrialResult>;
  };
  /** Bytes of memory of this machine. */
  memoryBytes?: number;
}

/** What this machine computes with: what was found, what was chosen, what the engine was started with. */
export class DeviceService {
  readonly #file: DevicePreferencesFile;
  readonly #trials: NonNullable<DeviceServiceOptions["trials"]>;
  readonly #memoryBytes: number;
  #preferences: DevicePreferences;
  #inUse: { state: NonNullable<DeviceState["inUse"]>; preferences: DevicePreferences } | undefined;
  #examined: Promise<MachineReport> | undefined;
  readonly #tried = new Map<EngineDevice, Promise<TrialResult>>();
  #onChange: () => void = () => {};

  constructor({ home, trials, memoryBytes = totalmem() }: DeviceServiceOptions) {
    this.#file = new DevicePreferencesFile(home);
    this.#trials = trials ?? { examine: () => examineMachine(), tryDevice: (device) => tryDevice(device) };
    this.#memoryBytes = memoryBytes;
    this.#preferences = this.#file.read();
  }

  /** Called after preferences were changed. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** Every device, tried once per start or `again`. What goes wrong is told in it; it never rejects. */
  async report(again = false): Promise<DeviceReport> {
    if (again) {
      this.#examined = undefined;
      this.#tried.clear();
    }
    this.#examined ??= this.#trials.examine();
    const facts = {
      processor: cpus()[0]?.model.trim() ?? "",
      threads: availableParallelism(),
      memoryBytes: this.#memoryBytes,
      detectedBudgetBytes: this.#memoryBytes / 2,
    };
    try {
      const { integerProducts, devices } = await this.#examined;
      const tried: DeviceReport["devices"] = [];
      for (const report of devices) {
        const device = engineDevices.find((known) => known === report.device);
        if (device === undefined) continue;
        this.#tried.set(device, Promise.resolve(report));
        tried.push({
          device,
          works: report.works,
          halfPrecision: report.works && report.halfPrecision,
          reason: report.works ? null : report.reason,
        });
      }
      if (again) this.#takeBack(tried);
      return { ...facts, integerSpeedup: integerProducts.speedup, devices: tried, problem: null };
    } catch (error) {
      this.#examined = undefined;
      return { ...facts, integerSpeedup: null, devices: [], problem: toHeddleError(error).toPayload() };
    }
  }

  state(): DeviceState {
    return {
      preferences: this.#preferences,
      inUse: this.#inUse?.state ?? null,
      isPending: this.#inUse !== undefined && this.#inUse.preferences !== this.#preferences,
    };
  }

  /** @throws HeddleError `memory-too-large`; the file system's errors */
  change(preferences: DevicePreferences): DeviceState {
    if (preferences.memoryBytes !== null && preferences.memoryBytes > this.#memoryBytes) {
      throw new HeddleError({
        code: "memory-too-large",
        message: `This machine has ${gigabytes(this.#memoryBytes)} of memory: models cannot get ${gigabytes(preferences.memoryBytes)}.`,
        help: "Set less, or leave the field empty for what Heddle finds.",
      });
    }
    this.#file.write(preferences);
    this.#preferences = preferences;
    this.#onChange();
    return this.state();
  }

  /**
   * What an engine process is to be started with now. A device other than the processor is tried before; where that fails,
   * the processor takes its place, and {@link state} says why.
   */
  async configure(): Promise<EngineSettings> {
    const preferences = this.#preferences;
    const { device: wanted, precision, memoryBytes } = preferences;
    const chosen = wanted === "auto" ? "cpu" : wanted;
    const result = chosen === "cpu" ? undefined : await this.#try(chosen);
    const device = result?.works === false ? "cpu" : chosen;
    const fallback = result?.works === false ? result.reason : null;
    this.#inUse = { state: { device, fallback }, preferences };
    return {
      device,
      halfPrecision: result?.works === true && result.halfPrecision,
      precision,
      ...(memoryBytes !== null && { memoryBudgetBytes: memoryBytes }),
    };
  }

  /** What was chosen and did not work may do so now: a driver was installed. */
  #takeBack(tried: DeviceReport["devices"]): void {
    const isFallback = typeof this.#inUse?.state.fallback === "string";
    const { device: wanted } = this.#preferences;
    if (isFallback && tried.some(({ device, works }) => works && device === wanted)) this.#onChange();
  }

  #try(device: EngineDevice): Promise<TrialResult> {
    const tried = this.#tried.get(device) ?? this.#trials.tryDevice(device);
    this.#tried.set(device, tried);
    return tried;
  }
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
