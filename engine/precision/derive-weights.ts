import { createHash, randomUUID } from "node:crypto";
import { mkdir, rename, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { CancelledError, type ErrorPayload, HeddleError } from "../../common/errors.ts";
import { openWeightFile, type WeightSet } from "../weights/weight-set.ts";
import { type GraphNeeds, layoutDerivedWeights } from "./derived-layout.ts";
import type { PrecisionPlan } from "./plan.ts";

/** Part of every content key: raise it when the forms of derived weights change. */
const FORMAT_VERSION = 1;
/** Left free on the disk besides the file itself. */
const SPARE_DISK_BYTES = 256 * 2 ** 20;

export interface DerivationProgress {
  /** Bytes written, of `total`. */
  readonly done: number;
  readonly total: number;
}

export interface DerivationRequest {
  readonly source: WeightSet;
  readonly needs: GraphNeeds;
  readonly plan: PrecisionPlan;
  /** Derived weights lie in `<cacheFolder>/derived/`. */
  readonly cacheFolder: string;
  /** What is added to the weights before they get their forms. */
  readonly changes?: WeightChanges;
  readonly signal?: AbortSignal | undefined;
  onProgress?(progress: DerivationProgress): void;
}

/** Changes to the weights of linear layers that no narrow matrices express. */
export interface WeightChanges {
  /** Tells them from others. */
  readonly key: string;
  /** Paths of the layers. */
  readonly modules: ReadonlySet<string>;
  /** Of one layer: Float32Array `[out, in]`, which is not used afterwards. */
  of(path: string): Promise<Float32Array>;
}

/** What marks, in the metadata of a file, weights that changes were merged into. */
export const MERGED = "merged";

export type WorkerMessage =
  | ({ kind: "progress" } & DerivationProgress)
  | { kind: "change"; path: string }
  | { kind: "done" }
  | { kind: "failed"; payload?: ErrorPayload; reason?: string; errno?: string | undefined };

/** Files that this process is making, by path. */
const underWay = new Map<string, Promise<void>>();

/**
 * The weights of a component in the forms of `plan`: from the cache, or made now in a thread of its own. The content key
 * has in it what identifies the source files, so a changed source gets new weights. What this process is making already is
 * waited for; two processes that make the same write a file each, and the later one takes the place of the other.
 *
 * @throws HeddleError `disk-full`, `cache-unwritable`, `cancelled`, and what reading the source throws.
 */
export async function deriveWeights(request: DerivationRequest): Promise<WeightSet> {
  const { source, needs, plan, cacheFolder, changes } = request;
  const key = contentKey(source, needs, plan, changes);
  const folder = join(cacheFolder, "derived");
  const path = join(folder, `${key}.safetensors`);
  for (let other = underWay.get(path); ; other = underWay.get(path)) {
    if (other !== undefined) {
      await settled(other, request.signal);
      continue;
    }
    const cached = await openCached(path, key);
    if (cached !== undefined) return cached;
    if (!underWay.has(path)) break;
  }
  const made = makeFile({ path, key, folder }, request);
  underWay.set(path, made);
  try {
    await made;
  } finally {
    underWay.delete(path);
  }
  return openWeightFile(path);
}

/** Resolves when another's work has ended, whichever way: where it failed, this caller tries it itself. */
async function settled(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  const { promise, reject } = Promise.withResolvers<void>();
  const cancel = () => reject(new CancelledError());
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    await Promise.race([work.catch(() => undefined), promise]);
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

async function makeFile(
  { path, key, folder }: { path: string; key: string; folder: string },
  request: DerivationRequest,
): Promise<void> {
  const { source, needs, plan, changes } = request;
  const metadata = { key, plan, source: source.path, ...(changes && { [MERGED]: "true" }) };
  const layout = layoutDerivedWeights(source, needs, plan, metadata, changes?.modules);
  const bytes = layout.header.byteLength + layout.totalBytes;
  await mkdir(folder, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === "ENOSPC" ? diskFull(folder, bytes) : unwritable(folder, cause);
  });
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes + SPARE_DISK_BYTES) throw diskFull(folder, bytes, bavail * bsize);
  const unfinished = `${path}.${process.pid}-${randomUUID().slice(0, 8)}.part`;
  try {
    await runWorker({ path: unfinished, layout }, request, () => diskFull(folder, bytes));
    await rename(unfinished, path).catch(async (cause: Error) => {
      // Windows replaces no file that a program has open; where it is the same one, nothing is missing.
      if ((await openCached(path, key)) === undefined) throw unwritable(path, cause);
    });
  } finally {
    await rm(unfinished, { force: true });
  }
}

function contentKey(source: WeightSet, needs: GraphNeeds, plan: PrecisionPlan, changes?: WeightChanges): string {
  const hash = createHash("sha256").update(`${FORMAT_VERSION}\0${plan}\0${source.fingerprint}\0`);
  for (const name of needs.tensors) hash.update(`${name}\0`);
  if (changes !== undefined) hash.update(`\0${changes.key}`);
  return hash.digest("hex").slice(0, 32);
}

/** A file that is cut off, damaged in its header or made for something else counts as not there. */
async function openCached(path: string, key: string): Promise<WeightSet | undefined> {
  try {
    const weights = await openWeightFile(path);
    return weights.metadata.key === key ? weights : undefined;
  } catch (error) {
    if (error instanceof HeddleError) return undefined;
    throw error;
  }
}

function runWorker(
  data: { path: string; layout: unknown },
  { signal, onProgress, changes }: DerivationRequest,
  asDiskFull: () => HeddleError,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal?.aborted) return Promise.reject(new CancelledError());
  const worker = new Worker(workerFile(), { workerData: data });
  const cancel = () => void worker.terminate().then(() => reject(new CancelledError()));
  signal?.addEventListener("abort", cancel, { once: true });
  worker.on("message", (message: WorkerMessage) => {
    if (message.kind === "progress") onProgress?.(message);
    else if (message.kind === "change") {
      changes?.of(message.path).then((values) => worker.postMessage(values, [values.buffer as ArrayBuffer]), reject);
    } else if (message.kind === "done") resolve();
    else if (message.payload !== undefined) reject(new HeddleError(message.payload));
    else if (message.errno === "ENOSPC") reject(asDiskFull());
    else reject(unwritable(data.path, new Error(message.reason)));
  });
  worker.on("error", reject);
  worker.on("exit", () => reject(new Error("the thread that derives weights ended early")));
  return promise.finally(() => {
    signal?.removeEventListener("abort", cancel);
    return worker.terminate();
  });
}

/** In a bundle the thread's code lies beside the bundle. */
function workerFile(): URL {
  const name = import.meta.url.endsWith(".ts") ? "./derive-worker.ts" : "./derive-worker.js";
  return new URL(name, import.meta.url);
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

function diskFull(folder: string, needed: number, free?: number): HeddleError {
  return new HeddleError({
    code: "disk-full",
    message: `The model’s fast form needs ${gigabytes(needed)} in "${folder}", but ${free === undefined ? "the disk is full" : `only ${gigabytes(free)} are free`}.`,
    help: "Free some space on that disk, or choose the plan `reference` for this model: it needs no disk space.",
    details: {
      folder,
      neededBytes: needed,
      freeBytes: free,
      needed: gigabytes(needed),
      cause: free === undefined ? "model-form-full" : "model-form",
      free: free === undefined ? undefined : gigabytes(free),
    },
  });
}

function unwritable(path: string, cause: Error): HeddleError {
  return new HeddleError(
    {
      code: "cache-unwritable",
      message: `The model’s fast form cannot be written to "${path}": ${cause.message}.`,
      help: "Check that you may write to this folder, or set another cache folder.",
      details: { path, reason: cause.message },
    },
    { cause },
  );
}
