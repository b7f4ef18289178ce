import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TrialResult } from "../engine/runtime/try-device.ts";
import { DeviceCrashes } from "../server/devices/device-crashes.ts";
import { ownEngine } from "./own-engine.ts";
import { runApart, settingsFromWatcher } from "./run-apart.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "heddle-apart-"));
  vi.stubEnv("HEDDLE_HOME", folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  process.exitCode = undefined;
  await rm(folder, { recursive: true });
});

const node = (code: string) => [process.execPath, "-e", code];
const settings = { device: "webgpu" as const, memoryBudgetBytes: 2e9 };

test.each([0, 1, 2, 130])("a run that ends by itself with %d ends this command so", async (code) => {
  expect(await runApart(settings, node(`process.exit(${code})`))).toBeUndefined();
  expect(process.exitCode).toBe(code);
});

test("the other process is told how to compute, and that it is watched", async () => {
  const isTold = `process.exit(process.env.HEDDLE_RUN_APART && JSON.parse(process.env.HEDDLE_ENGINE_SETTINGS).device === "webgpu" ? 2 : 0)`;
  await runApart(settings, node(isTold));
  expect(process.exitCode).toBe(2);
  expect(settingsFromWatcher({})).toBeUndefined();
  const environment = { HEDDLE_RUN_APART: "1", HEDDLE_ENGINE_SETTINGS: JSON.stringify(settings) };
  expect(settingsFromWatcher(environment)).toEqual(settings);
});

test.skipIf(process.platform === "win32")(
  "whoever stops this command alone stops the run, also before it listens",
  async () => {
    const ready = path.join(folder, "ready");
    const stopped = async (listen: string) => {
      const begins = `${listen}; require("node:fs").writeFileSync(${JSON.stringify(ready)}, ""); setTimeout(() => {}, 9e4)`;
      const ended = runApart(settings, node(begins));
      await vi.waitUntil(() => existsSync(ready), { timeout: 20_000 });
      await rm(ready);
      process.emit("SIGINT");
      expect(await ended).toBeUndefined();
      expect(process.exitCode).toBe(130);
      process.exitCode = undefined;
    };
    await stopped("process.on('SIGINT', () => process.exit(130))");
    await stopped("");
    expect(process.listenerCount("SIGINT")).toBe(0);
  },
);

test.skipIf(process.platform === "win32")("a run that its driver ends counts, as in the studio", async () => {
  const works = { works: true, halfPrecision: false } as TrialResult;
  const service = {
    drivers: { key: "these drivers", mayHaveGraphics: true },
    trials: {
      examine: () => Promise.reject(new Error("nobody asked")),
      integerProducts: () => Promise.reject(new Error("nobody asked")),
      tryDevice: async () => works,
    },
  };
  const count = () => new DeviceCrashes(folder).count("these drivers", "webgpu");
  const first = await ownEngine({ device: "webgpu" }, service);
  const ended = await runApart(first.settings, node("process.kill(process.pid, 'SIGSEGV'); setTimeout(() => {}, 9e4)"));
  expect(ended?.code).toBe("engine-stopped");
  expect(first.crashed(ended!)).toMatchObject({
    message: expect.stringContaining("webgpu"),
    details: { device: "webgpu", crashes: 1 },
  });
  expect(count()).toBe(1);

  const killed = await runApart(
    first.settings,
    node("process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 9e4)"),
  );
  expect(first.crashed(killed!).details?.cause).toBe("out-of-memory");
  expect(count()).toBe(1);

  const second = await ownEngine({ device: "webgpu" }, service);
  second.crashed(ended!);
  expect(count()).toBe(2);
  await expect(ownEngine({ device: "webgpu" }, service)).rejects.toMatchObject({ code: "device-unusable" });
});
