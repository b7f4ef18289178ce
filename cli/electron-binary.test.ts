import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findDesktop, installedElectron } from "./electron-binary.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-electron-"));
});
afterEach(() => rm(folder, { recursive: true }));

const withScreen = { platform: "linux" as const, env: { DISPLAY: ":0" }, isRoot: false };

async function install(): Promise<string> {
  await mkdir(join(folder, "dist"));
  await writeFile(join(folder, "path.txt"), "electron");
  await writeFile(join(folder, "dist", "electron"), "");
  return join(folder, "dist", "electron");
}

test("an installed executable is found without asking the network", async () => {
  const download = vi.fn();
  const executable = await install();
  expect(await findDesktop(folder, withScreen, download)).toEqual({ executable });
  expect(download).not.toHaveBeenCalled();
});

test("a path.txt whose executable is gone counts as absent", async () => {
  await writeFile(join(folder, "path.txt"), "electron");
  expect(installedElectron(folder, {})).toBeUndefined();
});

test("ELECTRON_OVERRIDE_DIST_PATH names the folder of the executable", async () => {
  await writeFile(join(folder, "electron"), "");
  expect(installedElectron(folder, { ELECTRON_OVERRIDE_DIST_PATH: folder })).toBe(join(folder, "electron"));
});

test("an absent executable is downloaded once; when that fails the reason says so", async () => {
  const failing = vi.fn(async () => false);
  expect(await findDesktop(folder, withScreen, failing)).toEqual({
    reason: expect.stringContaining("could not be downloaded"),
  });
  const downloaded = await findDesktop(folder, withScreen, async () => {
    await install();
    return true;
  });
  expect(downloaded).toEqual({ executable: join(folder, "dist", "electron") });
});

test("nothing is downloaded where it is forbidden or useless", async () => {
  const download = vi.fn();
  const forbidden = { ...withScreen, env: { DISPLAY: ":0", ELECTRON_SKIP_BINARY_DOWNLOAD: "1" } };
  expect(await findDesktop(folder, forbidden, download)).toEqual({
    reason: expect.stringContaining("ELECTRON_SKIP_BINARY_DOWNLOAD"),
  });
  expect(await findDesktop(folder, { ...withScreen, env: {} }, download)).toEqual({
    reason: expect.stringContaining("no display"),
  });
  expect(await findDesktop(folder, { ...withScreen, isRoot: true }, download)).toEqual({
    reason: expect.stringContaining("root"),
  });
  expect(download).not.toHaveBeenCalled();
});

test("a machine without a screen cannot show the window even when Electron is there", async () => {
  await install();
  expect(await findDesktop(folder, { ...withScreen, env: {} })).toEqual({ reason: "there is no display" });
  expect(await findDesktop(folder, { ...withScreen, platform: "darwin", env: {} })).toHaveProperty("executable");
});
