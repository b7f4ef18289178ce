import type { KeyValues } from "./key-values.ts";

/** Waits before a database is asked again, in milliseconds: together as long as a killed browser may take to be gone. */
const WAITS_MS = [100, 200, 400, 800];
/** What no waiting mends. */
const LASTING = new Set(["QuotaExceededError", "DataCloneError", "SecurityError"]);

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * A database that is asked again when it refuses. A browser that was killed may hold its files a moment longer than its window
 * is gone, and the one that is started then cannot read them yet; taken for an answer, that would be the loss of all that was
 * open. Whatever is asked may be asked twice.
 */
export function patient(database: KeyValues, wait: (ms: number) => Promise<void> = pause): KeyValues {
  const asked = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (const ms of WAITS_MS) {
      try {
        return await ask();
      } catch (error) {
        if (error instanceof Error && LASTING.has(error.name)) throw error;
        await wait(ms);
      }
    }
    return ask();
  };
  return {
    get: (key) => asked(() => database.get(key)),
    getMany: (keys) => asked(() => database.getMany(keys)),
    setMany: (entries) => asked(() => database.setMany(entries)),
    delMany: (keys) => asked(() => database.delMany(keys)),
    entries: () => asked(() => database.entries()),
  };
}
