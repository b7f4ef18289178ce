import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

/** The thread that hashes one file. It tells `{ done }` in bytes now and then, and ends with `{ sha256 }` or `{ error }`. */
const CHUNK_BYTES = 4 * 1024 * 1024;
const PROGRESS_EVERY_BYTES = 64 * 1024 * 1024;

async function hash(path: string): Promise<string> {
  const sha256 = createHash("sha256");
  let done = 0;
  let told = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    sha256.update(chunk);
    done += chunk.length;
    if (done - told < PROGRESS_EVERY_BYTES) continue;
    told = done;
    parentPort?.postMessage({ done });
  }
  return sha256.digest("hex");
}

hash((workerData as { path: string }).path).then(
  (sha256) => parentPort?.postMessage({ sha256 }),
  (error: unknown) => parentPort?.postMessage({ error }),
);
