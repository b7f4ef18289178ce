import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { _electron as electron, expect, test } from "@playwright/test";
import { electronPackageFolder, installedElectron } from "../cli/electron-binary.ts";

const folder = electronPackageFolder();
const executablePath = folder === undefined ? undefined : installedElectron(folder);
const main = resolve(import.meta.dirname, "../dist/electron/main.js");

/** Why the real binary cannot run here; `undefined` where it can. */
function whyNot(): string | undefined {
  if (executablePath === undefined) return "Electron binary absent: it comes from GitHub with the first start";
  if (process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return "Electron cannot open a window: there is no display";
  return undefined;
}

const reason = whyNot();
if (reason !== undefined || executablePath === undefined) {
  test.skip(reason ?? "Electron binary absent", () => {});
} else {
  test("the desktop app opens its window, runs the default workflow and keeps the page confined", async () => {
    const home = await mkdtemp(join(tmpdir(), "heddle-electron-"));
    const isRoot = process.getuid?.() === 0;
    const app = await electron.launch({
      executablePath,
      args: [main, ...(isRoot ? ["--no-sandbox"] : [])],
      env: { ...process.env, HEDDLE_HOME: home, HEDDLE_OUTPUT: join(home, "output") },
    });
    try {
      const page = await app.firstWindow();
      expect(new URL(page.url()).protocol).toBe("heddle:");
      expect(await page.evaluate("Object.keys(window.heddle).sort()")).toEqual([
        "connect",
        "dragFile",
        "kind",
        "placeOfFile",
      ]);
      expect(await page.evaluate("'require' in window || 'process' in window")).toBe(false);
      await page.keyboard.press("ControlOrMeta+Enter");
      await expect(page.locator("img[src^='/images/']").first()).toBeVisible({ timeout: 60_000 });
      await page.evaluate("window.open('https://example.org')");
      expect(app.windows()).toHaveLength(1);
    } finally {
      await app.close();
      await rm(home, { recursive: true, force: true });
    }
  });
}
