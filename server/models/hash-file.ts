import { Worker } from "node:worker_threads";
import { z } from "zod";

const messageSchema = z.union([
  z.object({ done: z.number() }),
  z.object({ sha256: z.string() }),
  z.object({ error: z.instanceof(Error) }),
]);

/**
 * SHA-256 (hex) of a file, computed in a worker so that the host goes on answering.
 * @param onProgress told how many bytes are done
 * @throws the signal's reason, and the file system's errors
 */
export function hashFile(
  path: string,
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress?(bytes: number): void } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const worker = new Worker(workerFile(), { workerData: { path } });
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
  });
}

/** A file of its own also where the host is bundled. */
function workerFile(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./hash-worker.ts" : "./hash-worker.js", import.meta.url);
}
