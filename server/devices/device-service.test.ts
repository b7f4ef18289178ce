import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { HeddleError } from "../../common/errors.ts";
import type { MachineReport, TrialResult } from "../../engine/runtime/try-device.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { DeviceService } from "./device-service.ts";

const works = (halfPrecision: boolean): TrialResult => ({ works: true, milliseconds: 1, halfPrecision });
const fails = (reason: string): TrialResult => ({ works: false, reason });

async function open({ graphics = works(false), home }: { graphics?: TrialResult; home?: string } = {}) {
  const folder = home ?? (await temporaryFolder()).path;
  const machine: MachineReport = {
    integerProducts: { saturates: false, speedup: 3 },
    devices: [
      { device: "cpu", bundled: true, ...works(false) },
      { device: "webgpu", bundled: true, ...graphics },
      { device: "tensorrt", bundled: false, ...fails("not here") },
    ],
  };
  const examine = vi.fn(async () => machine);
  const tryDevice = vi.fn(async () => graphics);
  const service = new DeviceService({ home: folder, trials: { examine, tryDevice }, memoryBytes: 16e9 });
  const onChange = vi.fn();
  service.onChange(onChange);
  return { service, examine, tryDevice, onChange, folder };
}

const AUTO = { device: "auto", precision: "auto", memoryBytes: null } as const;

test("the machine is examined once, and again when somebody asks for it", async () => {
  const { service, examine } = await open({ graphics: fails("no adapter") });
  expect(await service.report()).toMatchObject({
    memoryBytes: 16e9,
    detectedBudgetBytes: 8e9,
    integerSpeedup: 3,
    devices: [
      { device: "cpu", works: true, reason: null },
      { device: "webgpu", works: false, halfPrecision: false, reason: "no adapter" },
    ],
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
  const chosen = { device: "webgpu", precision: "int8", memoryBytes: 6e9 } as const;
  service.change(chosen);
  expect(onChange).toHaveBeenCalledTimes(1);
  expect((await open({ home: folder })).service.state().preferences).toEqual(chosen);

  const file = join(folder, "devices.json");
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual(chosen);
  await writeFile(file, JSON.stringify({ ...chosen, device: "abacus" }));
  expect((await open({ home: folder })).service.state().preferences).toEqual({ ...chosen, device: "auto" });
  await writeFile(file, "{ half a file");
  expect((await open({ home: folder })).service.state().preferences).toEqual(AUTO);
});

test("models cannot be given more memory than there is, and nothing is kept of it", async () => {
  const { service, onChange } = await open();
  expect(() => service.change({ ...AUTO, memoryBytes: 17e9 })).toThrow(
    expect.objectContaining({ code: "memory-too-large" }),
  );
  expect(onChange).not.toHaveBeenCalled();
  expect(service.state().preferences).toEqual(AUTO);
});

test("the processor needs no trial", async () => {
  const { service, tryDevice } = await open();
  expect(await service.configure()).toEqual({ device: "cpu", halfPrecision: false, precision: "auto" });
  expect(tryDevice).not.toHaveBeenCalled();
  expect(service.state().inUse).toEqual({ device: "cpu", fallback: null });
});

test("a device that was chosen is tried once, and its half precision reaches the engine", async () => {
  const { service, tryDevice } = await open({ graphics: works(true) });
  service.change({ device: "webgpu", precision: "fp16", memoryBytes: 4e9 });
  const settings = { device: "webgpu", halfPrecision: true, precision: "fp16", memoryBudgetBytes: 4e9 };
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
  expect(service.change({ ...AUTO, precision: "h8" }).isPending).toBe(true);
  await service.configure();
  expect(service.state().isPending).toBe(false);
});
