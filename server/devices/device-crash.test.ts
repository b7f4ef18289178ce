import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { type ErrorPayload, toHeddleError } from "../../common/errors.ts";
import type { TrialResult } from "../../engine/runtime/try-device.ts";
import type { DevicePreferences } from "../../protocol/devices.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { forkEngine } from "../engine-process/engine-child.ts";
import { engineEnvironment, readEngineSettings } from "../engine-process/engine-settings.ts";
import { EngineSupervisor } from "../engine-process/supervisor.ts";
import { DeviceCrashes } from "./device-crashes.ts";
import { DeviceService } from "./device-service.ts";

/** What becomes of a device that ends the engine in the middle of a run, with real processes and a backend that does so. */
vi.setConfig({ testTimeout: 60_000 });

const entry = fileURLToPath(new URL("../engine-process/fake-engine.fixture.ts", import.meta.url));
const works: TrialResult = { works: true, milliseconds: 1, halfPrecision: false, chainMilliseconds: 1 };
const processor = { device: "cpu", bundled: true, ...works, chainMilliseconds: 100 };
const ONCE_MORE = expect.stringContaining("is tried once more");

async function studio(device: DevicePreferences["device"], home?: string) {
  const folder = home ?? (await temporaryFolder()).path;
  const tryDevice = vi.fn(async (): Promise<TrialResult> => works);
  const devices = new DeviceService({
    home: folder,
    trials: {
      examine: async () => ({
        integerProducts: { saturates: false, speedup: 1 },
        devices: [processor, { device: "webgpu", bundled: true, ...works }],
      }),
      integerProducts: async () => ({ saturates: false, speedup: 1 }),
      tryDevice,
    },
    drivers: { key: "driver 1", mayHaveGraphics: true },
    trialDelayMs: 1e6,
  });
  onTestFinished(() => devices.close());
  /** Devices that engines were started with. */
  const starts: (string | undefined)[] = [];
  const supervisor = new EngineSupervisor({
    configure: async () => engineEnvironment(await devices.configure()),
    spawn(environment) {
      starts.push(readEngineSettings(environment).device);
      return forkEngine(entry);
    },
    onCrash: (error) => devices.crashed(error),
    restartDelayMs: 1,
  });
  onTestFinished(() => supervisor.close());
  if (home === undefined) {
    if (device === "auto") await devices.report();
    else devices.change({ ...devices.state().preferences, device });
  }
  const run = async (title: "segfault" | "ok"): Promise<ErrorPayload | undefined> => {
    const document = { format: "heddle-workflow" as const, version: 1 as const, title, nodes: [], links: [] };
    return supervisor
      .run({ runId: "run", document }, () => undefined)
      .then(
        () => undefined,
        (error: unknown) => toHeddleError(error).toPayload(),
      );
  };
  return { devices, tryDevice, starts, run, folder };
}

test("a chosen device that ends a run is told, tried again before it is used, and left alone when it does so again", async () => {
  const { devices, tryDevice, starts, run, folder } = await studio("webgpu");
  const trials = () => tryDevice.mock.calls.length;
  expect(await run("segfault")).toMatchObject({
    code: "engine-stopped",
    message: expect.stringContaining("computed with webgpu"),
    help: ONCE_MORE,
    details: { cause: "device", device: "webgpu", crashes: 1 },
  });
  expect(await run("ok")).toBeUndefined();
  expect(trials()).toBe(2);
  expect(starts).toEqual(["webgpu", "webgpu"]);

  expect(await run("segfault")).toMatchObject({
    help: expect.stringContaining("the processor computes from now on"),
    details: { device: "webgpu", crashes: 2 },
  });
  expect(await run("ok")).toBeUndefined();
  expect(starts).toEqual(["webgpu", "webgpu", "cpu"]);
  expect(trials()).toBe(2);
  const fallback = expect.stringContaining("ended the engine");
  expect(devices.state().inUse).toMatchObject({ device: "cpu", fallback });
  expect((await devices.report()).devices).toContainEqual(expect.objectContaining({ works: false, reason: fallback }));
  // A crash on the processor is nobody else's.
  expect((await run("segfault"))?.details).not.toHaveProperty("device");

  // Who chooses it anew gets it, once more.
  const { preferences } = devices.state();
  devices.change({ ...preferences, device: "cpu" });
  devices.change(preferences);
  expect(await devices.configure()).toMatchObject({ device: "webgpu" });
  for (const device of ["webgpu", "webgpu"] as const) new DeviceCrashes(folder).add("driver 1", device);

  // The next start of the program knows.
  const later = await studio("webgpu", folder);
  expect(await later.run("ok")).toBeUndefined();
  expect(later.starts).toEqual(["cpu"]);
  // Who asks for it anew gets it.
  expect((await later.devices.report(true)).devices).toContainEqual(
    expect.objectContaining({ device: "webgpu", works: true }),
  );
  expect(await later.devices.configure()).toMatchObject({ device: "webgpu" });
});

test("one that ended a run and then its trial is not used, where it was chosen by itself", async () => {
  const { devices, tryDevice, starts, run } = await studio("auto");
  tryDevice.mockResolvedValue({ works: false, reason: "its driver ended the process (SIGSEGV)" });
  expect(await run("segfault")).toMatchObject({ details: { device: "webgpu" }, help: ONCE_MORE });
  expect(await run("ok")).toBeUndefined();
  expect(starts).toEqual(["webgpu", "cpu"]);
  expect(devices.state().inUse).toMatchObject({ device: "cpu", automatic: { reason: "crashed" } });
});

test("crashes count for a week, for the same drivers, and until they are forgotten", async () => {
  const { path } = await temporaryFolder();
  let now = 1e12;
  const crashes = () => new DeviceCrashes(path, () => now);
  crashes().add("driver 1", "webgpu");
  crashes().add("driver 1", "cuda");
  crashes().add("driver 1", "webgpu");
  expect(crashes().count("driver 1", "webgpu")).toBe(2);
  expect(crashes().count("driver 2", "webgpu")).toBe(0);
  now += 8 * 24 * 60 * 60 * 1000;
  expect(crashes().count("driver 1", "webgpu")).toBe(0);
  const one = crashes();
  one.add("driver 1", "cuda");
  one.add("driver 1", "webgpu");
  one.clear("driver 1", "webgpu");
  expect([one.count("driver 1", "webgpu"), crashes().count("driver 1", "cuda")]).toEqual([0, 1]);
});
