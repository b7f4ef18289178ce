import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { HeddleError } from "../../common/errors.ts";
import { readSafetensorsHeader } from "../weights/safetensors.ts";
import { MERGED } from "./derive-weights.ts";

/** Part of a model's name on disk: a key of its source's identity and its plan. */
const NAME = /^[0-9a-f]{32}\.safetensors$/;
/** With the process that writes it. */
const UNFINISHED = /^[0-9a-f]{32}\.safetensors\.(\d+)(?:-[0-9a-f]+)?\.part$/;

/** One file of derived weights. */
export interface DerivedFile {
  /** What {@link DerivedStore.remove} takes. */
  readonly key: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  readonly plan: string;
  /** The weights it was made from, as they were named then. */
  readonly source: string;
  /** The source is no longer there, or newer than what was made from it: nothing will use this file. */
  readonly isStale: boolean;
  /** LoRAs are merged into them. */
  readonly isMerged: boolean;
}

/** The derived weights that lie in a cache folder. They can all be made again, so any may be removed while no run uses it. */
export class DerivedStore {
  readonly #folder: string;

  constructor(cacheFolder: string) {
    this.#folder = join(cacheFolder, "derived");
  }

  /** The largest first. Files that are damaged have an empty plan and source, and are stale. */
  async list(): Promise<DerivedFile[]> {
    const names = (await this.#names()).filter((name) => NAME.test(name));
    const files = await Promise.all(names.map((name) => this.#describe(name)));
    return files.filter((file) => file !== undefined).sort((a, b) => b.bytes - a.bytes);
  }

  /** @throws HeddleError `derived-unknown` for what is no key of {@link list}, `derived-in-use` where it cannot be removed. */
  async remove(key: string): Promise<void> {
    const name = `${key}.safetensors`;
    if (!NAME.test(name) || !(await this.#names()).includes(name)) {
      throw new HeddleError({
        code: "derived-unknown",
        message: "There are no such derived weights.",
        help: "They may have been removed already. Look at the list again.",
        details: { key },
      });
    }
    await rm(join(this.#folder, name)).catch((cause: Error) => {
      throw new HeddleError(
        {
          code: "derived-in-use",
          message: `The derived weights cannot be removed: ${cause.message}.`,
          help: "Wait until no workflow runs, and try again.",
          details: { key, reason: cause.message },
        },
        { cause },
      );
    });
  }

  /** Removes stale files, and what processes that have ended left half-written; gives the bytes that this freed. */
  async removeStale(): Promise<number> {
    let freed = 0;
    for (const { key, bytes } of (await this.list()).filter(({ isStale }) => isStale)) {
      await this.remove(key);
      freed += bytes;
    }
    for (const name of await this.#names()) {
      const writer = UNFINISHED.exec(name)?.[1];
      if (writer === undefined || isRunning(Number(writer))) continue;
      const path = join(this.#folder, name);
      freed += (await stat(path)).size;
      await rm(path, { force: true });
    }
    return freed;
  }

  /**
   * Removes weights with LoRAs merged into them, all but those that were made last: a stack with other weights makes others,
   * which would fill the disk in time.
   *
   * @param used the key of those that are needed now, however old they are
   */
  async removeMerged(kept: number, used: string | undefined): Promise<void> {
    const merged = (await this.list()).filter(({ isMerged }) => isMerged).sort((a, b) => b.madeAt - a.madeAt);
    for (const { key } of merged.slice(kept)) if (key !== used) await this.remove(key).catch(() => undefined);
  }

  async #names(): Promise<string[]> {
    return readdir(this.#folder).catch(() => []);
  }

  async #describe(name: string): Promise<DerivedFile | undefined> {
    const path = join(this.#folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return undefined;
    const header = await readSafetensorsHeader(path).catch(() => undefined);
    const { plan = "", source = "", [MERGED]: merged } = header?.metadata ?? {};
    const newest = await newestChange(source);
    return {
      ...{ plan, source, bytes: found.size, madeAt: found.mtimeMs, key: name.slice(0, 32) },
      isStale: newest === undefined || newest > found.mtimeMs,
      isMerged: merged !== undefined,
    };
  }
}

/** When a weight file, or a file of a folder of weights, last changed; undefined where there is none. */
async function newestChange(path: string): Promise<number | undefined> {
  const found = path === "" ? undefined : await stat(path).catch(() => undefined);
  if (found === undefined || !found.isDirectory()) return found?.mtimeMs;
  const names = (await readdir(path)).filter((name) => name.endsWith(".safetensors"));
  const times = await Promise.all(names.map(async (name) => (await stat(join(path, name))).mtimeMs));
  return times.length === 0 ? undefined : Math.max(...times);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
