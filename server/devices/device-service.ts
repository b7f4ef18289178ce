import { statfs } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { HeddleError, toHeddleError } from "../../common/errors.ts";
import type { PlanSituation } from "../../engine/precision/choose-plan.ts";
import { chooseDevice } from "../../engine/runtime/choose-device.ts";
import {
  examineMachine,
  type MachineReport,
  readRuntimeFacts,
  type TrialResult,
  tryDevice,
} from "../../engine/runtime/try-device.ts";
import {
  type AutomaticChoice,
  automaticChoiceSchema,
  type DevicePreferences,
  type DeviceReport,
  type DeviceState,
  type EngineDevice,
  engineDevices,
} from "../../protocol/devices.ts";
import type { EngineSettings } from "../engine-process/engine-settings.ts";
import { DeviceCrashes } from "./device-crashes.ts";
import { DevicePreferencesFile, engineSettingsOf } from "./device-preferences.ts";
import { type Drivers, drivers } from "./driver-key.ts";
import { TrialMemory } from "./trial-memory.ts";

/** The first trial of a machine waits until its first window is there. */
const TRIAL_DELAY_MS = 5_000;

export interface DeviceServiceOptions {
  /** Where preferences are kept. */
  home: string;
  /** What counts instead of what is kept: a command line's options. */
  instead?: Partial<DevicePreferences>;
  /** Tests give others. Neither may load the runtime into this process. */
  trials?: {
    /** The whole machine. */
    examine(): Promise<MachineReport>;
    /** How the processor multiplies: a part of what {@link examine} finds, in a fraction of the time. */
    integerProducts(): Promise<MachineReport["integerProducts"]>;
    tryDevice(device: EngineDevice): Promise<TrialResult>;
  };
  /** Bytes of memory of this machine. */
  memoryBytes?: number;
  drivers?: Drivers;
  trialDelayMs?: number;
}

/** What an engine computes with, and why. */
interface FoundDevice {
  readonly device: EngineDevice;
  readonly halfPrecision: boolean;
  readonly fallback: string | null;
  readonly automatic: AutomaticChoice | null;
}

/** A device that ended so many runs within a week is not used until somebody asks for it. */
const MOST_CRASHES = 2;

const CRASHING = `it ended the engine in the middle of ${MOST_CRASHES} runs within a week`;

/** Where they could not be tried. */
const UNKNOWN_PRODUCTS = { saturates: false, speedup: 1 };

const onProcessor: FoundDevice = { device: "cpu", halfPrecision: false, fallback: null, automatic: null };

/** What this machine computes with: what was found, what was chosen, what the engine was started with. */
export class DeviceService {
  readonly #file: DevicePreferencesFile;
  readonly #trials: NonNullable<DeviceServiceOptions["trials"]>;
  readonly #memoryBytes: number;
  readonly #home: string;
  readonly #memory: TrialMemory;
  readonly #crashes: DeviceCrashes;
  readonly #drivers: Drivers;
  readonly #trialDelayMs: number;
  #trialTimer: NodeJS.Timeout | undefined;
  #preferences: DevicePreferences;
  #inUse:
    | { state: NonNullable<DeviceState["inUse"]>; halfPrecision: boolean; preferences: DevicePreferences }
    | undefined;
  #examined: Promise<MachineReport> | undefined;
  #products: Promise<MachineReport["integerProducts"]> | undefined;
  readonly #tried = new Map<EngineDevice, Promise<TrialResult>>();
  #onChange: () => void = () => {};

  constructor({
    home,
    instead = {},
    trials,
    memoryBytes = totalmem(),
    drivers: known = drivers(),
    trialDelayMs = TRIAL_DELAY_MS,
  }: DeviceServiceOptions) {
    this.#home = home;
    this.#file = new DevicePreferencesFile(home);
    this.#memory = new TrialMemory(home);
    this.#crashes = new DeviceCrashes(home);
    this.#drivers = known;
    this.#trialDelayMs = trialDelayMs;
    this.#trials = trials ?? {
      examine: () => examineMachine(),
      integerProducts: async () => (await readRuntimeFacts()).integerProducts,
      tryDevice: (device) => tryDevice(device),
    };
    this.#memoryBytes = memoryBytes;
    this.#preferences = { ...this.#file.read(), ...instead };
  }

  /** Called after preferences were changed. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /**
   * Every device, tried once per start or `again`, which also forgets what crashed. What goes wrong is told in it; it never
   * rejects.
   */
  async report(again = false): Promise<DeviceReport> {
    if (again) {
      this.#crashes.clear(this.#drivers.key);
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
      const machine = this.#withoutCrashing(await this.#examined);
      const processor = machine.devices.find(({ device }) => device === "cpu");
      const tried: DeviceReport["devices"] = [];
      for (const report of machine.devices) {
        const device = engineDevices.find((known) => known === report.device);
        if (device === undefined) continue;
        this.#tried.set(device, Promise.resolve(report));
        tried.push({
          device,
          works: report.works,
          halfPrecision: report.works && report.halfPrecision,
          speed: report.works && processor?.works ? processor.chainMilliseconds / report.chainMilliseconds : null,
          reason: report.works ? null : report.reason,
        });
      }
      const automatic = this.#remember(machine);
      this.#takeBack(tried, automatic);
      return {
        ...facts,
        integerSpeedup: machine.integerProducts.speedup,
        devices: tried,
        automatic,
        problem: null,
      };
    } catch (error) {
      this.#examined = undefined;
      return {
        ...facts,
        integerSpeedup: null,
        devices: [],
        automatic: null,
        problem: toHeddleError(error).toPayload(),
      };
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
        details: { memory: gigabytes(this.#memoryBytes), wanted: gigabytes(preferences.memoryBytes) },
      });
    }
    this.#file.write(preferences);
    // Who chooses it now wants it, whatever it did before.
    if (preferences.device !== "auto" && preferences.device !== this.#preferences.device) {
      this.#crashes.clear(this.#drivers.key, preferences.device);
      this.#tried.delete(preferences.device);
    }
    this.#preferences = preferences;
    this.#onChange();
    return this.state();
  }

  /**
   * What an engine process is to be started with now. A device that was chosen is tried before; where that fails, the
   * processor takes its place, and {@link state} says why. Nobody waits for the choice of a device that nobody chose: it is
   * remembered from the last time, or made later, and the engine then starts anew. Only one that ended a run is tried again
   * first.
   */
  async configure(): Promise<EngineSettings> {
    const preferences = this.#preferences;
    const { device: wanted } = preferences;
    const found =
      wanted === "auto" ? await this.#automatic() : wanted === "cpu" ? onProcessor : await this.#asked(wanted);
    const { device, halfPrecision, fallback, automatic } = found;
    this.#inUse = { state: { device, fallback, automatic }, halfPrecision, preferences };
    return engineSettingsOf(preferences, found);
  }

  /**
   * An engine ended in the middle of a run. Where it computed with another device than the processor, that is tried again,
   * apart from Heddle, before the next engine uses it, and is not used any more once it did so again.
   *
   * @returns what to tell people of it
   */
  crashed(error: HeddleError): HeddleError {
    const { device } = this.#inUse?.state ?? {};
    if (device === undefined || device === "cpu") return error;
    this.#crashes.add(this.#drivers.key, device);
    this.#tried.delete(device);
    const count = this.#crashes.count(this.#drivers.key, device);
    const cause = count < MOST_CRASHES ? "device" : "device-again";
    return new HeddleError(
      {
        ...error.toPayload(),
        message: `The engine ended while it computed with ${device}: its driver may be at fault.`,
        help:
          cause === "device"
            ? `${device} is tried once more, apart from Heddle, before it is used again. Run again, or let the processor compute.`
            : `It did so before, so the processor computes from now on: run again. Settings > Devices can try ${device} once more.`,
        details: { ...error.details, cause, device, crashes: count },
      },
      { cause: error },
    );
  }

  /** Where plans are chosen now. */
  async situation(): Promise<Omit<PlanSituation, "parameters">> {
    const { state, halfPrecision = false } = this.#inUse ?? {};
    return {
      device: state?.device ?? "cpu",
      halfPrecision,
      memoryBytes: this.#preferences.memoryBytes ?? this.#memoryBytes / 2,
      cpu: await this.#integerProducts(),
      hasCache: true,
    };
  }

  /** Of the disk that derived weights are kept on. */
  async freeDiskBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#home);
    return bavail * bsize;
  }

  /** The trial that was put off is not made any more. */
  close(): void {
    clearTimeout(this.#trialTimer);
  }

  async #integerProducts(): Promise<MachineReport["integerProducts"]> {
    this.#products ??= this.#examined
      ? this.#examined.then(({ integerProducts }) => integerProducts)
      : this.#trials.integerProducts();
    return this.#products.catch(() => {
      this.#products = undefined;
      return UNKNOWN_PRODUCTS;
    });
  }

  async #asked(wanted: EngineDevice): Promise<FoundDevice> {
    if (this.#isCrashing(wanted)) return { ...onProcessor, fallback: CRASHING };
    const result = await this.#try(wanted);
    if (!result.works) return { ...onProcessor, fallback: result.reason };
    return { ...onProcessor, device: wanted, halfPrecision: result.halfPrecision };
  }

  async #automatic(): Promise<FoundDevice> {
    const { key, mayHaveGraphics } = this.#drivers;
    const remembered = this.#memory.read(key);
    if (remembered) {
      const { automatic, halfPrecision } = remembered;
      if (!(await this.#isUsable(automatic.device))) {
        return { ...onProcessor, automatic: { device: "cpu", reason: "crashed", factor: null } };
      }
      return { ...onProcessor, device: automatic.device, halfPrecision, automatic };
    }
    if (mayHaveGraphics) {
      clearTimeout(this.#trialTimer);
      this.#trialTimer = setTimeout(() => void this.report(), this.#trialDelayMs).unref();
    }
    const reason = mayHaveGraphics ? "untried" : "no-graphics";
    return { ...onProcessor, automatic: { device: "cpu", reason, factor: null } };
  }

  #isCrashing(device: EngineDevice): boolean {
    return this.#crashes.count(this.#drivers.key, device) >= MOST_CRASHES;
  }

  /** Whether a device that was found to work still does, where it ended a run. */
  async #isUsable(device: EngineDevice): Promise<boolean> {
    if (this.#isCrashing(device)) return false;
    return this.#crashes.count(this.#drivers.key, device) === 0 || (await this.#try(device)).works;
  }

  /** What was tried, with what the engine found since. */
  #withoutCrashing(machine: MachineReport): MachineReport {
    const devices = machine.devices.map((report) => {
      const device = engineDevices.find((known) => known === report.device);
      if (device === undefined || !this.#isCrashing(device)) return report;
      return { device, bundled: report.bundled, works: false as const, reason: CRASHING };
    });
    return { ...machine, devices };
  }

  /** The choice by what was tried, kept for the next start. */
  #remember(machine: MachineReport): AutomaticChoice {
    const automatic = automaticChoiceSchema.parse(chooseDevice(machine));
    const tried = machine.devices.find(({ device }) => device === automatic.device);
    const halfPrecision = automatic.device !== "cpu" && tried?.works === true && tried.halfPrecision;
    this.#memory.write(this.#drivers.key, { automatic, halfPrecision });
    return automatic;
  }

  /** What was chosen and did not work may do so now (a driver was installed); what is chosen by itself may be another one. */
  #takeBack(tried: DeviceReport["devices"], automatic: AutomaticChoice): void {
    const { device: wanted } = this.#preferences;
    const { state } = this.#inUse ?? {};
    if (!state) return;
    if (wanted === "auto") {
      const isOther = state.device !== automatic.device;
      state.automatic = automatic;
      if (isOther) this.#onChange();
    } else if (state.fallback !== null && tried.some(({ device, works }) => works && device === wanted))
      this.#onChange();
  }

  #try(device: EngineDevice): Promise<TrialResult> {
    const tried = this.#tried.get(device) ?? this.#trials.tryDevice(device);
    this.#tried.set(device, tried);
    return tried;
  }
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
