import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";

/** The Chromium that the end-to-end tests use, and where it is from. */
export interface Browser {
  executablePath: string;
  source: "playwright" | "system";
}

/** Names under which systems install a Chromium that Playwright can drive. */
const SYSTEM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** Playwright's own Chromium if it is installed, else the system's. */
export function findBrowser(
  playwrightPath: string = chromium.executablePath(),
  searchPath: string = process.env.PATH ?? "",
): Browser | undefined {
  if (isExecutable(playwrightPath)) return { executablePath: playwrightPath, source: "playwright" };
  for (const folder of searchPath.split(delimiter).filter(Boolean)) {
    for (const name of SYSTEM_NAMES) {
      const executablePath = join(folder, process.platform === "win32" ? `${name}.exe` : name);
      if (isExecutable(executablePath)) return { executablePath, source: "system" };
    }
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
