import { Worker } from "node:worker_threads";
import { z } from "zod";
import { HeddleError } from "../../common/errors.ts";

const messageSchema = z.union([
  z.object({ done: z.number() }),
  z.object({ sha256: z.string() }),
  z.object({ error: z.instanceof(Error) }),
]);

/**
 * SHA-256 (hex) of a file, computed in a worker so that the host goes on answering.
 * @param onProgress told how many bytes are done
 * @param worker the thread's module; tests give others
 * @throws the signal's reason, HeddleError `hash-failed`, and the file system's errors
 */
export function hashFile(
  path: string,
  {
    signal,
    onProgress,
    worker: file = workerFile(),
  }: { signal?: AbortSignal | undefined; onProgress?(bytes: number): void; worker?: URL } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const worker = new Worker(file, { workerData: { path } });
    const finish = (settle: () => void) => {
      signal?.removeEventListener("abort", abort);
      settle();
      void worker.terminate();
    };
    const abort = () => finish(() => reject(signal?.reason));
    signal?.addEventListener("abort", abort, { once: true });
    worker.on("message", (raw: unknown) => {
      const message = messageSchema.parse(raw);
      if ("done" in message) onProgress?.(message.done);
      else finish(() => ("sha256" in message ? resolve(message.sha256) : reject(message.error)));
    });
    worker.on("error", (error) => finish(() => reject(error)));
    worker.on("exit", (code) => finish(() => reject(endedSilently(code))));
  });
}

/** A thread that ran out of memory, say, has nothing more to tell. */
function endedSilently(code: number): HeddleError {
  return new HeddleError({
    code: "hash-failed",
    message: "The file could not be checked: what was to read it ended.",
    help: "Try again. If memory is short, close other programs first.",
    details: { code },
  });
}

/** A file of its own also where the host is bundled. */
function workerFile(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./hash-worker.ts" : "./hash-worker.js", import.meta.url);
}
