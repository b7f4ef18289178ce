import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { HeddleError } from "../../common/errors.ts";
import type { MachineReport, TrialResult } from "../../engine/runtime/try-device.ts";
import type { DevicePreferences } from "../../protocol/devices.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { DeviceService } from "./device-service.ts";
import type { Drivers } from "./driver-key.ts";

const works = (halfPrecision: boolean, chainMilliseconds = 10): TrialResult => ({
  ...{ works: true, milliseconds: 1, halfPrecision, chainMilliseconds },
});
const fails = (reason: string): TrialResult => ({ works: false, reason });

interface Setup {
  graphics?: TrialResult;
  home?: string;
  drivers?: Drivers;
}

const noGraphics: Drivers = { key: "none", mayHaveGraphics: false };

async function open({ graphics = works(false), home, drivers = noGraphics }: Setup = {}) {
  const folder = home ?? (await temporaryFolder()).path;
  const machine: MachineReport = {
    integerProducts: { saturates: false, speedup: 3 },
    devices: [
      { device: "cpu", bundled: true, ...works(false, 60) },
      { device: "webgpu", bundled: true, ...graphics },
      { device: "tensorrt", bundled: false, ...fails("not here") },
    ],
  };
  const examine = vi.fn(async () => machine);
  const tryDevice = vi.fn(async () => graphics);
  const service = new DeviceService({
    home: folder,
    trials: { examine, tryDevice, integerProducts: async () => machine.integerProducts },
    memoryBytes: 16e9,
    drivers,
    trialDelayMs: 0,
  });
  const onChange = vi.fn();
  service.onChange(onChange);
  return { service, examine, tryDevice, onChange, folder };
}

const AUTO: DevicePreferences = {
  device: "auto",
  precision: { transformer: "auto", textEncoder: "auto", vae: "auto" },
  models: {},
  memoryBytes: null,
};

test("the machine is examined once, and again when somebody asks for it", async () => {
  const { service, examine } = await open({ graphics: fails("no adapter") });
  expect(await service.report()).toMatchObject({
    memoryBytes: 16e9,
    detectedBudgetBytes: 8e9,
    integerSpeedup: 3,
    devices: [
      { device: "cpu", works: true, speed: 1, reason: null },
      { device: "webgpu", works: false, halfPrecision: false, reason: "no adapter" },
    ],
    automatic: { device: "cpu", reason: "none-works", factor: null },
    problem: null,
  });
  await service.report();
  expect(examine).toHaveBeenCalledTimes(1);
  await service.report(true);
  expect(examine).toHaveBeenCalledTimes(2);
});

test("an examination that fails is told, and tried again the next time", async () => {
  const { service, examine } = await open();
  examine.mockRejectedValueOnce(
    new HeddleError({ code: "runtime-not-found", message: "No runtime.", help: "Install." }),
  );
  expect(await service.report()).toMatchObject({ devices: [], problem: { code: "runtime-not-found" } });
  expect((await service.report()).devices).toHaveLength(2);
});

test("preferences outlive the host; a damaged file, and what is not known, count as not chosen", async () => {
  const { service, onChange, folder } = await open();
  expect(service.state()).toEqual({ preferences: AUTO, inUse: null, isPending: false });
  const chosen: DevicePreferences = {
    device: "webgpu",
    precision: { transformer: "int8", textEncoder: "int4", vae: "strips" },
    models: { "/models/a": { transformer: "fp16" } },
    memoryBytes: 6e9,
  };
  service.change(chosen);
  expect(onChange).toHaveBeenCalledTimes(1);
  expect((await open({ home: folder })).service.state().preferences).toEqual(chosen);

  const file = join(folder, "devices.json");
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual(chosen);
  await writeFile(file, JSON.stringify({ ...chosen, device: "abacus" }));
  expect((await open({ home: folder })).service.state().preferences).toEqual({ ...chosen, device: "auto" });
  await writeFile(file, JSON.stringify({ ...chosen, precision: { transformer: "int8", textEncoder: "int2" } }));
  expect((await open({ home: folder })).service.state().preferences.precision).toEqual({
    ...AUTO.precision,
    transformer: "int8",
  });
  await writeFile(file, "{ half a file");
  expect((await open({ home: folder })).service.state().preferences).toEqual(AUTO);
});

test("a file from before there was a plan for each part says it for transformers and text encoders", async () => {
  const { folder } = await open();
  await writeFile(join(folder, "devices.json"), JSON.stringify({ device: "cpu", precision: "h8", memoryBytes: 4e9 }));
  expect((await open({ home: folder })).service.state().preferences).toEqual({
    device: "cpu",
    precision: { transformer: "h8", textEncoder: "h8", vae: "auto" },
    models: {},
    memoryBytes: 4e9,
  });
});

test("models cannot be given more memory than there is, and nothing is kept of it", async () => {
  const { service, onChange } = await open();
  expect(() => service.change({ ...AUTO, memoryBytes: 17e9 })).toThrow(
    expect.objectContaining({ code: "memory-too-large" }),
  );
  expect(onChange).not.toHaveBeenCalled();
  expect(service.state().preferences).toEqual(AUTO);
});

test("the processor needs no trial, and none is made where there certainly is no graphics processor", async () => {
  const { service, tryDevice, examine } = await open();
  expect(await service.configure()).toEqual({ device: "cpu", halfPrecision: false, precision: AUTO.precision });
  const automatic = { device: "cpu", reason: "no-graphics", factor: null };
  expect(service.state().inUse).toEqual({ device: "cpu", fallback: null, automatic });
  service.change({ ...AUTO, device: "cpu" });
  await service.configure();
  expect(service.state().inUse).toEqual({ device: "cpu", fallback: null, automatic: null });
  expect(tryDevice).not.toHaveBeenCalled();
  expect(examine).not.toHaveBeenCalled();
});

describe("a device that nobody chose", () => {
  const drivers: Drivers = { key: "driver 1", mayHaveGraphics: true };

  test("is the processor at first, then what was found to be faster, which is remembered for these drivers", async () => {
    const { service, onChange, folder } = await open({ graphics: works(true, 5), drivers });
    expect(await service.configure()).toMatchObject({ device: "cpu" });
    expect(service.state().inUse?.automatic).toMatchObject({ device: "cpu", reason: "untried" });
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1));
    expect(await service.configure()).toMatchObject({ device: "webgpu", halfPrecision: true });
    // 60 ms of float32 products, 3 times as fast in 8 bits, against 5 ms.
    const automatic = { device: "webgpu", reason: "faster", factor: 4 };
    expect(service.state().inUse).toEqual({ device: "webgpu", fallback: null, automatic });

    const next = await open({ home: folder, drivers });
    expect(await next.service.configure()).toMatchObject({ device: "webgpu", halfPrecision: true });
    expect(next.service.state().inUse?.automatic).toEqual(automatic);
    expect(next.examine).not.toHaveBeenCalled();
  });

  test("is tried again under other drivers", async () => {
    const { service, onChange, folder } = await open({ graphics: works(true, 5), drivers });
    await service.report();
    expect(onChange).not.toHaveBeenCalled();
    const next = await open({ graphics: fails("no"), home: folder, drivers: { ...drivers, key: "driver 2" } });
    expect(await next.service.configure()).toMatchObject({ device: "cpu" });
    await vi.waitFor(() => expect(next.service.state().inUse?.automatic?.reason).toBe("none-works"));
    expect(next.examine).toHaveBeenCalledTimes(1);
    expect(next.onChange).not.toHaveBeenCalled();
  });

  test("stays the processor when the trial ends its process, which the report tells", async () => {
    const reason = "its driver ended the process (SIGSEGV)";
    const { service, onChange } = await open({ graphics: fails(reason), drivers });
    await service.configure();
    const { devices, automatic } = await service.report();
    expect(devices).toContainEqual(expect.objectContaining({ device: "webgpu", works: false, reason }));
    expect(automatic).toMatchObject({ device: "cpu", reason: "none-works" });
    expect(onChange).not.toHaveBeenCalled();
    service.close();
  });
});

test("a device that was chosen is tried once, and its half precision reaches the engine", async () => {
  const { service, tryDevice } = await open({ graphics: works(true) });
  const precision = { transformer: "fp16", textEncoder: "int8", vae: "auto" } as const;
  const models = { "/models/a": { transformer: "int4" } } as const;
  service.change({ device: "webgpu", precision, models, memoryBytes: 4e9 });
  const settings = {
    ...{ device: "webgpu", halfPrecision: true, precision },
    ...{ modelPrecision: models, memoryBudgetBytes: 4e9 },
  };
  expect(await service.configure()).toEqual(settings);
  expect(await service.configure()).toEqual(settings);
  expect(tryDevice).toHaveBeenCalledTimes(1);
});

test("a device that fails leaves the work to the processor and says why, until it is found to work", async () => {
  const { service, examine, onChange } = await open({ graphics: fails("its driver ended the process (SIGSEGV)") });
  service.change({ ...AUTO, device: "webgpu" });
  expect(await service.configure()).toMatchObject({ device: "cpu", halfPrecision: false });
  expect(service.state()).toMatchObject({
    preferences: { device: "webgpu" },
    inUse: { device: "cpu", fallback: "its driver ended the process (SIGSEGV)" },
  });

  onChange.mockClear();
  await service.report(true);
  expect(onChange).not.toHaveBeenCalled();
  examine.mockResolvedValueOnce({
    integerProducts: { saturates: false, speedup: 3 },
    devices: [{ device: "webgpu", bundled: true, ...works(true) }],
  });
  await service.report(true);
  expect(onChange).toHaveBeenCalledTimes(1);
  expect(await service.configure()).toMatchObject({ device: "webgpu", halfPrecision: true });
});

test("what was changed is pending until an engine is started with it", async () => {
  const { service } = await open();
  await service.configure();
  expect(service.change({ ...AUTO, precision: { ...AUTO.precision, transformer: "h8" } }).isPending).toBe(true);
  await service.configure();
  expect(service.state().isPending).toBe(false);
});
