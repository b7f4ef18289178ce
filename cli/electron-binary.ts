import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Either the Electron executable, or why the desktop app cannot be had here (the end of a sentence). */
export type DesktopAvailability = { executable: string } | { reason: string };

interface Machine {
  platform: NodeJS.Platform;
  env: Record<string, string | undefined>;
  isRoot: boolean;
}

const thisMachine: Machine = { platform: process.platform, env: process.env, isRoot: process.getuid?.() === 0 };

const PROBE_MS = 5_000;
const DOWNLOAD_MS = 5 * 60_000;

/** Folder of the `electron` package; `undefined` where it was not installed (it is a development dependency). */
export function electronPackageFolder(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve("electron/package.json"));
  } catch {
    return undefined;
  }
}

/**
 * Where the executable is, by the same rule as the package's own index.js, which would download it when asked: `path.txt`
 * names it in `dist/` or in ELECTRON_OVERRIDE_DIST_PATH.
 */
export function installedElectron(packageFolder: string, env: Machine["env"] = process.env): string | undefined {
  const pathFile = join(packageFolder, "path.txt");
  const name = existsSync(pathFile) ? readFileSync(pathFile, "utf8") : undefined;
  const override = env.ELECTRON_OVERRIDE_DIST_PATH;
  if (!override && !name) return undefined;
  const executable = join(override || join(packageFolder, "dist"), name || "electron");
  return existsSync(executable) ? executable : undefined;
}

/** Finds Electron, and fetches its executable once where there is a network and a screen to use it on. Never hangs. */
export async function findDesktop(
  packageFolder = electronPackageFolder(),
  machine = thisMachine,
  download: (packageFolder: string) => Promise<boolean> = downloadElectron,
): Promise<DesktopAvailability> {
  if (packageFolder === undefined) return { reason: "the electron package is not installed" };
  const obstacle = obstacleTo(machine);
  let executable = installedElectron(packageFolder, machine.env);
  if (!executable) {
    if (isSet(machine.env.ELECTRON_SKIP_BINARY_DOWNLOAD)) {
      return { reason: "its binary is absent and ELECTRON_SKIP_BINARY_DOWNLOAD is set" };
    }
    if (obstacle) return { reason: `its binary is absent, and ${obstacle}` };
    if (!(await download(packageFolder))) return { reason: "its binary is absent and could not be downloaded" };
    executable = installedElectron(packageFolder, machine.env);
    if (!executable) return { reason: "its binary is absent" };
  }
  return obstacle ? { reason: obstacle } : { executable };
}

function obstacleTo({ platform, env, isRoot }: Machine): string | undefined {
  if (platform !== "linux") return undefined;
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return "there is no display";
  return isRoot ? "its sandbox does not work for root" : undefined;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value);
}

/** Runs the package's own installer, when its source answers at all. */
async function downloadElectron(packageFolder: string): Promise<boolean> {
  const source =
    process.env.ELECTRON_MIRROR ||
    process.env.npm_config_electron_mirror ||
    "https://github.com/electron/electron/releases/";
  const answers = await fetch(source, { method: "HEAD", signal: AbortSignal.timeout(PROBE_MS) }).then(
    () => true,
    () => false,
  );
  if (!answers) return false;
  process.stderr.write("Fetching Electron, once (about 120 MB) ...\n");
  const installer = spawn(process.execPath, [join(packageFolder, "install.js")], {
    stdio: ["ignore", "ignore", "ignore"],
    timeout: DOWNLOAD_MS,
    killSignal: "SIGKILL",
  });
  return new Promise((resolve) => {
    installer.on("error", () => resolve(false));
    installer.on("exit", (code) => resolve(code === 0));
  });
}
