import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { link, mkdir, rename, rm, stat, statfs } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { HeddleError, toHeddleError } from "../../../common/errors.ts";
import { openWeightSource } from "../../../engine/weights/layouts/weight-source.ts";
import type { ModelKind } from "../../../graph/definition.ts";
import type { Download, DownloadState, Downloads, ModelSource } from "../../../protocol/models.ts";
import type { GuardedRequestFunction } from "../../http/guarded-fetch.ts";
import { flushFolder, writeFileAtomically, writeJsonFile } from "../../services/atomic-file.ts";
import { fileErrorCode } from "../../services/file-errors.ts";
import { folderForKind } from "../../services/model-folders.ts";
import { hashFile } from "../hash-file.ts";
import type { ModelOrigin } from "../model-database.ts";
import { Bandwidth } from "./bandwidth.ts";
import { bytesIn } from "./byte-ranges.ts";
import { claim } from "./claim.ts";
import { asDiskError, nameTaken, noSpace, notAModel, wrongHash } from "./download-errors.ts";
import { type Hub, parseAddress } from "./hub.ts";
import { DownloadJournal, type JournalEntry } from "./journal.ts";
import { type RetryPolicy, usualRetries } from "./retry.ts";
import { PIECE_BYTES, transfer } from "./transfer.ts";

/** At the same time; further ones wait. */
const MAX_ACTIVE = 2;
const CONNECTIONS = 4;
/** Left free for everything else on that disk. */
const DISK_RESERVE_BYTES = 256 * 1024 * 1024;
const TELL_EVERY_MS = 250;
const RATE_WINDOW_MS = 4_000;
const FINISHED_KEPT = 50;
/** The one file besides weights that models need; the engine looks for it in a folder of that name. */
const TOKENIZER = "tokenizer.json";

const settingsSchema = z.object({ bandwidthLimit: z.number().positive().nullable().default(null) });

export interface DownloadManagerOptions {
  /** Journals and settings. */
  folder: string;
  /** The file that holds the token for gated files, readable by its owner only. */
  tokenFile: string;
  modelsFolder: string;
  hub: Hub;
  request: GuardedRequestFunction;
  retries?: RetryPolicy;
  connections?: number;
  pieceBytes?: number;
  /** Free bytes of the disk that holds a folder; the system's answer when absent. */
  freeBytes?(folder: string): Promise<number>;
  /** A whole, checked file has its name. */
  onFinished(file: { path: string; sha256: string; origin: ModelOrigin }): Promise<void> | void;
  onChange(downloads: Downloads): void;
}

interface Item {
  entry: JournalEntry;
  state: DownloadState;
  bytes: number;
  rate: { at: number; bytes: number }[];
  waitingUntil: number | undefined;
  error: HeddleError | undefined;
  controller: AbortController | undefined;
  running: Promise<void> | undefined;
}

/** Why a transfer was stopped from here. */
const PAUSED = Symbol("paused");
const CANCELLED = Symbol("cancelled");
const CLOSED = Symbol("closed");

/**
 * Fetches model files, each asked for by a person. A file has its final name only when it is whole and its content is
 * the one that was published; until then it is `<name>.part`, with a journal from which any later start goes on.
 */
export class DownloadManager {
  readonly #options: DownloadManagerOptions;
  readonly #journal: DownloadJournal;
  readonly #bandwidth = new Bandwidth();
  readonly #items = new Map<string, Item>();
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DownloadManagerOptions) {
    this.#options = options;
    this.#journal = new DownloadJournal(options.folder);
    this.#bandwidth.limit = this.#readSettings().bandwidthLimit ?? undefined;
    for (const entry of this.#journal.load()) this.#items.set(entry.id, itemOf(entry));
  }

  /** Goes on with what was under way when Heddle ended. */
  start(): void {
    this.#schedule();
  }

  snapshot(): Downloads {
    return {
      downloads: [...this.#items.values()].map(describe),
      bandwidthLimit: this.#bandwidth.limit ?? null,
      hasToken: readToken(this.#options.tokenFile) !== undefined,
    };
  }

  /**
   * Begins to fetch a file, or goes on with the one that was begun before.
   * @throws HeddleError `bad-address`, `bad-file-name`, `download-name-taken`, and what the hub's client throws
   */
  async add(kind: ModelKind, asked: ModelSource, fileName?: string): Promise<string> {
    const source = await this.#completed(asked);
    const plain = safeFileName(fileName ?? lastPart(source.file ?? source.url));
    const name = `${plain === TOKENIZER ? "tokenizer" : folderForKind[kind]}/${plain}`;
    const isThere = await exists(this.#pathOf(name));
    // From here to the entry nothing waits: of two that ask at the same moment the second finds the first one's.
    const same = [...this.#items.values()].find(({ entry }) => entry.name === name && entry.url === source.url);
    if (same && same.state !== "done") {
      this.resume(same.entry.id);
      this.#schedule();
      return same.entry.id;
    }
    if ([...this.#items.values()].some((item) => item.entry.name === name && item.state !== "done"))
      throw nameTaken(name);
    if (isThere) throw nameTaken(name);
    const { repository, file, revision, licence, sha256, sizeBytes } = source;
    const entry: JournalEntry = {
      version: 1,
      id: randomUUID(),
      kind,
      name,
      url: source.url,
      ...(repository === undefined ? {} : { repository }),
      ...(file === undefined ? {} : { file }),
      ...(revision === undefined ? {} : { revision }),
      ...(licence === undefined ? {} : { licence }),
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(sizeBytes === undefined ? {} : { expectedSize: sizeBytes }),
      done: [],
      state: "active",
      createdAt: Date.now(),
    };
    this.#journal.save(entry);
    this.#items.set(entry.id, itemOf(entry));
    this.#forgetOldest();
    this.#schedule();
    return entry.id;
  }

  pause(id: string): void {
    const item = this.#item(id);
    if (item.state === "done" || item.state === "failed" || item.state === "paused") return;
    this.#keep(item, { state: "paused" });
    item.state = "paused";
    item.controller?.abort(PAUSED);
    this.#schedule();
  }

  resume(id: string): void {
    const item = this.#item(id);
    if (item.state !== "paused" && item.state !== "failed") return;
    item.error = undefined;
    item.state = "waiting";
    this.#keep(item, { state: "active", error: undefined });
    this.#schedule();
  }

  /** Stops it and removes what came; a finished one is only taken off the list. */
  async cancel(id: string): Promise<void> {
    const item = this.#item(id);
    item.controller?.abort(CANCELLED);
    await item.running;
    this.#items.delete(id);
    if (item.state !== "done") await rm(this.#partOf(item), { force: true });
    this.#journal.remove(id);
    this.#schedule();
  }

  setBandwidthLimit(bytesPerSecond: number | null): void {
    this.#bandwidth.limit = bytesPerSecond ?? undefined;
    writeJsonFile(this.#settingsFile, { bandwidthLimit: bytesPerSecond });
    this.#tell();
  }

  /** For files whose owners want to know who has them; sent to the hub and nowhere else. */
  setToken(token: string | null): void {
    const { tokenFile } = this.#options;
    if (token === null || token.trim() === "") rmSync(tokenFile, { force: true });
    else {
      mkdirSync(path.dirname(tokenFile), { recursive: true });
      writeFileAtomically(tokenFile, token.trim(), { mode: 0o600 });
    }
    this.#tell();
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#running().length > 0) await Promise.all(this.#running().map(({ running }) => running));
  }

  /** Stops all transfers; they go on with the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const { controller } of this.#items.values()) controller?.abort(CLOSED);
    await Promise.all([...this.#items.values()].map(({ running }) => running));
  }

  /** What the hub knows of the file is asked for once, so that a later change is noticed. */
  async #completed(asked: ModelSource): Promise<ModelSource & { url: string }> {
    const { hub } = this.#options;
    const parsed =
      asked.repository === undefined ? { ...asked, ...parseAddress(asked.url ?? "", hub.endpoint) } : asked;
    const { repository, file, revision = "main" } = parsed;
    if (repository === undefined) return { ...parsed, url: parsed.url ?? "" };
    if (file === undefined) {
      throw new HeddleError({
        code: "bad-address",
        message: `"${repository}" is a repository of many files.`,
        help: "Choose one of its files.",
        field: "text",
        details: { text: repository, cause: "repository" },
      });
    }
    const known = await hub.describe(repository, file, revision);
    const expected = parsed.sha256;
    if (expected !== undefined && known.sha256 !== undefined && known.sha256 !== expected) {
      throw wrongHash(URL.parse(hub.endpoint)?.host ?? "", expected, known.sha256);
    }
    const sha256 = known.sha256 ?? expected;
    return {
      ...parsed,
      revision: known.revision,
      url: hub.fileUrl(repository, file, known.revision),
      sizeBytes: known.sizeBytes,
      ...(sha256 === undefined ? {} : { sha256 }),
    };
  }

  #schedule(): void {
    this.#tell();
    if (this.#isClosed) return;
    for (const item of this.#items.values()) {
      if (this.#running().length >= MAX_ACTIVE) return;
      if (item.state === "waiting" && item.running === undefined) {
        item.running = this.#run(item)
          .catch((error) => this.#fail(item, toHeddleError(asDiskError(error, this.#options.folder))))
          .finally(() => {
            item.running = undefined;
            item.controller = undefined;
            this.#schedule();
          });
      }
    }
  }

  #running(): Item[] {
    return [...this.#items.values()].filter(({ running }) => running !== undefined);
  }

  async #run(item: Item): Promise<void> {
    const release = claim(this.#options.folder, item.entry.id);
    if (!release) return this.#fail(item, heldElsewhere());
    const controller = new AbortController();
    item.controller = controller;
    try {
      await this.#fetch(item, controller.signal);
      item.state = "done";
      this.#journal.remove(item.entry.id);
    } catch (error) {
      if (!controller.signal.aborted) this.#fail(item, toHeddleError(asDiskError(error, this.#options.modelsFolder)));
      else if (controller.signal.reason === CLOSED) item.state = "waiting";
    } finally {
      item.waitingUntil = undefined;
      item.rate = [];
      release();
    }
  }

  async #fetch(item: Item, signal: AbortSignal): Promise<void> {
    const { request, hub, retries = usualRetries, connections = CONNECTIONS, pieceBytes = PIECE_BYTES } = this.#options;
    const { entry } = item;
    const target = this.#pathOf(entry.name);
    const folder = path.dirname(target);
    await mkdir(folder, { recursive: true });
    if (await exists(target)) throw nameTaken(entry.name);
    const partPath = this.#partOf(item);
    this.#enter(item, "checking", signal);
    await transfer(
      { size: entry.size, etag: entry.etag, done: entry.done.map(([start, end]) => [start, end]) },
      {
        url: entry.url,
        headers: entry.repository === undefined ? {} : hub.authorization(),
        partPath,
        folder,
        expectedSize: entry.expectedSize,
        hasHash: entry.sha256 !== undefined,
        request,
        bandwidth: this.#bandwidth,
        retries,
        connections,
        pieceBytes,
        signal,
        beforeWriting: async (missing) => {
          await this.#checkSpace(folder, missing);
          this.#enter(item, "downloading", signal);
        },
        onProgress: (bytes) => this.#progress(item, bytes),
        onSaved: ({ size, etag, done }) => {
          this.#keep(item, { size, etag, done: done.map(([start, end]) => [start, end]) });
        },
        onWaiting: (until) => {
          item.waitingUntil = until;
          this.#tell();
        },
      },
    );
    this.#enter(item, "verifying", signal);
    const sha256 = await this.#verified(item, partPath, signal);
    signal.throwIfAborted();
    await publish(partPath, target, entry.name);
    const { repository, file, revision, licence, url } = entry;
    const origin = { repository, file, revision, licence, ...(repository === undefined ? { url } : {}) };
    await this.#options.onFinished({ path: target, sha256, origin });
  }

  /** Not any more once it was paused: that state stays. */
  #enter(item: Item, state: DownloadState, signal: AbortSignal): void {
    signal.throwIfAborted();
    item.state = state;
    this.#tell();
  }

  /** What is not the published content is removed: going on with it could never succeed. */
  async #verified(item: Item, partPath: string, signal: AbortSignal): Promise<string> {
    const { entry } = item;
    const found = await hashFile(partPath, { signal });
    try {
      if (entry.sha256 !== undefined && found !== entry.sha256) {
        throw wrongHash(URL.parse(entry.url)?.host ?? entry.url, entry.sha256, found);
      }
      // A page that asks to sign in, for example, is no model.
      if (/\.(safetensors|gguf)$/i.test(entry.name)) await openWeightSource(partPath);
    } catch (error) {
      await rm(partPath, { force: true });
      this.#keep(item, { done: [], size: undefined, etag: undefined });
      item.bytes = 0;
      throw error instanceof HeddleError && error.code !== "download-wrong-hash" ? notAModel(error) : error;
    }
    return found;
  }

  async #checkSpace(folder: string, missing: number): Promise<void> {
    const free = await (this.#options.freeBytes ?? freeBytes)(folder);
    const others = this.#running().reduce((sum, { entry, bytes, state }) => {
      return state === "downloading" ? sum + Math.max(0, (entry.size ?? 0) - bytes) : sum;
    }, 0);
    const needed = missing + others + DISK_RESERVE_BYTES;
    if (missing > 0 && needed > free) throw noSpace(folder, needed, free);
  }

  #progress(item: Item, bytes: number): void {
    const now = performance.now();
    item.bytes = bytes;
    const last = item.rate.at(-1);
    if (last && now - last.at < 100) return;
    item.rate = [...item.rate.filter(({ at }) => now - at < RATE_WINDOW_MS), { at: now, bytes }];
    this.#tell();
  }

  #fail(item: Item, error: HeddleError): void {
    item.state = "failed";
    item.error = error;
    try {
      this.#keep(item, { state: "failed", error: error.toPayload() });
    } catch {
      // A disk so full that not even this can be written down: the list tells of it until Heddle ends.
    }
  }

  #keep(item: Item, changes: Partial<JournalEntry>): void {
    item.entry = { ...item.entry, ...changes };
    this.#journal.save(item.entry);
  }

  #item(id: string): Item {
    const item = this.#items.get(id);
    if (item) return item;
    throw new HeddleError({
      code: "download-unknown",
      message: "This download is not in the list any more.",
      help: "Start it again if you still want it.",
    });
  }

  #forgetOldest(): void {
    const finished = [...this.#items.values()].filter(({ state }) => state === "done");
    for (const { entry } of finished.slice(0, -FINISHED_KEPT)) this.#items.delete(entry.id);
  }

  #pathOf(name: string): string {
    return path.join(this.#options.modelsFolder, ...name.split("/"));
  }

  #partOf(item: Item): string {
    return `${this.#pathOf(item.entry.name)}.part`;
  }

  get #settingsFile(): string {
    return path.join(this.#options.folder, "settings.json");
  }

  #readSettings(): z.infer<typeof settingsSchema> {
    try {
      return settingsSchema.parse(JSON.parse(readFileSync(this.#settingsFile, "utf8")));
    } catch {
      return { bandwidthLimit: null };
    }
  }

  /** At most some times a second: progress comes with every chunk. */
  #tell(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#options.onChange(this.snapshot());
    }, TELL_EVERY_MS).unref();
  }
}

function itemOf(entry: JournalEntry): Item {
  return {
    entry,
    state: entry.state === "active" ? "waiting" : entry.state,
    bytes: bytesIn(entry.done),
    rate: [],
    waitingUntil: undefined,
    error: entry.error ? new HeddleError(entry.error) : undefined,
    controller: undefined,
    running: undefined,
  };
}

function describe({ entry, state, bytes, rate, waitingUntil, error }: Item): Download {
  const { id, name, kind, repository, file, revision, licence, url } = entry;
  const [first] = rate;
  const last = rate.at(-1);
  const seconds = first && last ? (last.at - first.at) / 1_000 : 0;
  const size = entry.size ?? entry.expectedSize ?? null;
  return {
    id,
    name,
    kind,
    state,
    bytes: state === "done" ? (size ?? bytes) : bytes,
    sizeBytes: size,
    bytesPerSecond: seconds > 0 ? Math.max(0, (last!.bytes - first!.bytes) / seconds) : 0,
    origin: {
      repository: repository ?? null,
      file: file ?? null,
      revision: revision ?? null,
      url: repository === undefined ? url : null,
      licence: licence ?? null,
    },
    waitingUntil: waitingUntil === undefined ? null : new Date(waitingUntil).toISOString(),
    error: error?.toPayload() ?? null,
  };
}

/** Gives the whole file its name, which nothing may have by then. */
async function publish(part: string, target: string, name: string): Promise<void> {
  try {
    // Unlike a rename, a link never takes the place of a file that appeared meanwhile.
    await link(part, target);
    await rm(part);
  } catch (error) {
    if (fileErrorCode(error) === "EEXIST" || (await exists(target))) throw nameTaken(name);
    // Disks without hard links (exFAT, some network disks).
    await rename(part, target);
  }
  flushFolder(path.dirname(target));
}

export function readToken(file: string): string | undefined {
  try {
    const token = readFileSync(file, "utf8").trim();
    if (token !== "") return token;
  } catch {
    // None is kept.
  }
  return process.env.HF_TOKEN || undefined;
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

const lastPart = (text: string | undefined) => {
  const path = text === undefined ? "" : (URL.parse(text)?.pathname ?? text);
  try {
    return decodeURIComponent(path.split("/").at(-1) ?? "");
  } catch {
    return path.split("/").at(-1) ?? "";
  }
};

/** @throws HeddleError `bad-file-name` for what is no plain name of a model file on every system */
function safeFileName(name: string): string {
  const isPlain = /^[^\\/:*?"<>|\p{Cc}]{1,180}$/u.test(name) && !/^\.|[ .]$/.test(name);
  const isReserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name);
  if (isPlain && !isReserved && (/\.(safetensors|gguf|onnx)$/i.test(name) || name === TOKENIZER)) return name;
  throw new HeddleError({
    code: "bad-file-name",
    message: `"${name.slice(0, 200)}" is not the name of a model file.`,
    help: "Models are .safetensors, .gguf or .onnx files. Give the download such a name.",
    field: "fileName",
    details: { name: name.slice(0, 200) },
  });
}

function heldElsewhere(): HeddleError {
  return new HeddleError({
    code: "download-held-elsewhere",
    message: "Another Heddle on this machine is fetching this file at the moment.",
    help: "Wait until it is done, or press Resume when it has ended.",
  });
}
