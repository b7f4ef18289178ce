import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type EngineDevice, engineDevices } from "../../protocol/devices.ts";
import { writeJsonFile } from "../services/atomic-file.ts";

/** How long a crash counts, in milliseconds: a week. What crashes more rarely is used. */
const COUNTED_MS = 7 * 24 * 60 * 60 * 1000;

const fileSchema = z.object({
  version: z.literal(1),
  key: z.string(),
  crashes: z.array(z.object({ device: z.enum(engineDevices), at: z.number() })),
});

type Crash = z.infer<typeof fileSchema>["crashes"][number];

/**
 * Which devices ended the engine in the middle of a run, for as long as the drivers are the same. In a file that may be
 * deleted at any time.
 */
export class DeviceCrashes {
  readonly #file: string;
  readonly #now: () => number;
  /** Counts where the file cannot be written. */
  #known: { key: string; crashes: Crash[] } | undefined;

  /** @param now in milliseconds; tests give others */
  constructor(home: string, now: () => number = Date.now) {
    this.#file = join(home, "cache", "device-crashes.json");
    this.#now = now;
  }

  /** @param key of the drivers */
  count(key: string, device: EngineDevice): number {
    return this.#read(key).filter((crash) => crash.device === device).length;
  }

  add(key: string, device: EngineDevice): void {
    this.#write(key, [...this.#read(key), { device, at: this.#now() }]);
  }

  /** Forgets them: of one device, or of all. */
  clear(key: string, device?: EngineDevice): void {
    const before = this.#read(key);
    const after = device === undefined ? [] : before.filter((crash) => crash.device !== device);
    if (after.length !== before.length) this.#write(key, after);
  }

  #read(key: string): Crash[] {
    if (this.#known?.key !== key) this.#known = { key, crashes: this.#stored(key) };
    return this.#known.crashes.filter(({ at }) => this.#now() - at < COUNTED_MS);
  }

  #stored(key: string): Crash[] {
    try {
      const found = fileSchema.parse(JSON.parse(readFileSync(this.#file, "utf8")));
      return found.key === key ? found.crashes : [];
    } catch {
      return [];
    }
  }

  #write(key: string, crashes: Crash[]): void {
    this.#known = { key, crashes };
    try {
      writeJsonFile(this.#file, { version: 1, key, crashes });
    } catch {
      // The disk is full or read-only: they count until this process ends.
    }
  }
}
