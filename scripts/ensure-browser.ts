import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, findBrowser } from "./browser.ts";

/**
 * Makes sure that there is a Chromium for the end-to-end tests: Playwright's or the system's if there is one, else
 * Playwright's from its own servers, else Debian's package.
 *
 *     node scripts/ensure-browser.ts
 */
export interface Installer {
  name: string;
  /** Whether it could work here at all. */
  isUsable: boolean;
  /** Resolves whether it succeeded; never hangs. */
  install(): Promise<boolean>;
}

const DOWNLOAD_MS = 4 * 60_000;

/** Playwright's command; its package does not export the file, so it is found beside the manifest that it does export. */
export function playwrightCli(): string {
  return join(dirname(createRequire(import.meta.url).resolve("@playwright/test/package.json")), "cli.js");
}

const installers: Installer[] = [
  {
    name: "playwright install chromium",
    isUsable: true,
    install: async () => run(process.execPath, [playwrightCli(), "install", "chromium"]),
  },
  {
    name: "apt-get install chromium",
    isUsable: process.platform === "linux" && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get"),
    install: async () =>
      (await run("apt-get", ["update", "-q"])) &&
      (await run("apt-get", ["install", "-q", "-y", "--no-install-recommends", "chromium"])),
  },
];

/** The first Chromium that is found, before or after one of the installers ran. */
export async function ensureBrowser(
  find: () => Browser | undefined = findBrowser,
  ways: readonly Installer[] = installers,
): Promise<Browser | undefined> {
  const present = find();
  if (present) return present;
  for (const way of ways) {
    if (!way.isUsable) continue;
    console.log(`No Chromium is installed: trying \`${way.name}\` ...`);
    const succeeded = await way.install().catch((cause: unknown) => {
      console.warn(`\`${way.name}\` failed: ${String(cause)}`);
      return false;
    });
    const installed = succeeded ? find() : undefined;
    if (installed) return installed;
  }
  return undefined;
}

function run(command: string, args: string[]): Promise<boolean> {
  const child = spawn(command, args, {
    stdio: ["ignore", "inherit", "inherit"],
    timeout: DOWNLOAD_MS,
    killSignal: "SIGKILL",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return new Promise((resolve) => {
    child.on("error", () => resolve(false));
    child.on("exit", (code) => resolve(code === 0));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const browser = await ensureBrowser();
  if (browser)
    console.log(
      `End-to-end tests use the ${browser.source === "playwright" ? "Chromium of Playwright" : "system's Chromium"}: ${browser.executablePath}`,
    );
  else {
    console.error(
      "There is no Chromium for the end-to-end tests, and none could be installed.\nInstall one: `npx playwright install chromium`, or your system's chromium package, then run the tests again.",
    );
    process.exit(1);
  }
}
