import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, release } from "node:os";
import { join } from "node:path";

export interface Drivers {
  /** Changes when the runtime, the system, or what drives graphics processors does: what was tried has to be tried again. */
  readonly key: string;
  /** false where there is certainly nothing to try. */
  readonly mayHaveGraphics: boolean;
}

/** Where Linux tells what there is: cards, NVIDIA's driver, the graphics processor of a Windows that this Linux runs in. */
const LINUX_CARDS = ["/sys/class/drm", "/dev/nvidia0", "/dev/dxg"];
const LINUX_VERSIONS = ["/sys/module/nvidia/version", "/sys/module/amdgpu/version", "/proc/driver/nvidia/version"];
const VULKAN_FOLDERS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];
/** What names other Vulkan drivers than the system's. */
const VULKAN_VARIABLES = ["VK_ICD_FILENAMES", "VK_DRIVER_FILES", "VK_ADD_DRIVER_FILES"];

/** What is known of this machine's drivers without loading any. */
export function drivers(environment: NodeJS.ProcessEnv = process.env, platform: string = process.platform): Drivers {
  const facts: unknown[] = [platform, arch(), release(), cpus()[0]?.model, runtimeVersion()];
  facts.push(...VULKAN_VARIABLES.map((name) => environment[name]));
  let mayHaveGraphics = true;
  if (platform === "linux") {
    const cards = readdir("/sys/class/drm").filter((name) => /^(card|renderD)\d+$/.test(name));
    facts.push(cards, ...LINUX_VERSIONS.map(read));
    facts.push(
      ...VULKAN_FOLDERS.flatMap((folder) => readdir(folder).map((name) => [name, changed(join(folder, name))])),
    );
    mayHaveGraphics =
      cards.length > 0 ||
      LINUX_CARDS.slice(1).some((file) => existsSync(file)) ||
      VULKAN_VARIABLES.some((name) => Boolean(environment[name]));
  } else if (platform === "win32") {
    // Installing any driver changes it.
    facts.push(changed(join(environment.SystemRoot ?? "C:\\Windows", "System32", "DriverStore", "FileRepository")));
  }
  return { key: createHash("sha256").update(JSON.stringify(facts)).digest("hex"), mayHaveGraphics };
}

function runtimeVersion(): unknown {
  try {
    return createRequire(import.meta.url)("onnxruntime-node/package.json").version;
  } catch {
    return undefined;
  }
}

function readdir(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

const changed = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.mtimeMs;
