import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Browser, findBrowser } from "./browser.ts";
import { ensureBrowser, playwrightCli } from "./ensure-browser.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-browser-"));
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function executable(name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, "");
  await chmod(path, 0o755);
  return path;
}

test("Playwright's Chromium is preferred to the system's", async () => {
  await executable("chromium");
  const own = await executable("headless");
  expect(findBrowser(own, folder)).toEqual({ executablePath: own, source: "playwright" });
});

test("else a Chromium or Chrome in PATH is used", async () => {
  expect(findBrowser(join(folder, "absent"), folder)).toBeUndefined();
  const chrome = await executable("google-chrome");
  expect(findBrowser(join(folder, "absent"), `/nowhere:${folder}`)).toEqual({
    executablePath: chrome,
    source: "system",
  });
});

const installed: Browser = { executablePath: "/usr/bin/chromium", source: "system" };

test("what is there is used without installing anything", async () => {
  const install = vi.fn(async () => true);
  expect(await ensureBrowser(() => installed, [{ name: "never", isUsable: true, install }])).toBe(installed);
  expect(install).not.toHaveBeenCalled();
});

test("the ways to install one are tried in turn until one works; unusable ones are passed over", async () => {
  let found: Browser | undefined;
  const tried: string[] = [];
  const way = (name: string, succeeds: boolean, isUsable = true) => ({
    name,
    isUsable,
    async install() {
      tried.push(name);
      if (succeeds) found = installed;
      return succeeds;
    },
  });
  const ways = [way("unusable", true, false), way("offline", false), way("works", true), way("too late", true)];
  expect(await ensureBrowser(() => found, ways)).toBe(installed);
  expect(tried).toEqual(["offline", "works"]);
});

test("when nothing works there is no browser", async () => {
  const failing = { name: "offline", isUsable: true, install: async () => false };
  expect(await ensureBrowser(() => undefined, [failing])).toBeUndefined();
});

test("Playwright's command is where it is looked for", () => {
  expect(existsSync(playwrightCli())).toBe(true);
});

test("a way that throws is passed over", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  let found: Browser | undefined;
  const browser = await ensureBrowser(
    () => found,
    [
      { name: "broken", isUsable: true, install: () => Promise.reject(new Error("no such file")) },
      {
        name: "working",
        isUsable: true,
        install: async () => {
          found = installed;
          return true;
        },
      },
    ],
  );
  expect(browser).toEqual(installed);
});
