import { realpath, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { HeddleError } from "../../common/errors.ts";
import { findTokenizer } from "../../engine/weights/layouts/tokenizer-lookup.ts";
import type { ModelKind } from "../../graph/definition.ts";
import type {
  CatalogueEntry,
  Disk,
  Downloads,
  FoundModel,
  ModelDetails,
  ModelFacts,
  ModelOffer,
  WantedModel,
} from "../../protocol/models.ts";
import { type ScannedModel, scanModels } from "../library/model-list.ts";
import { type CatalogueFileEntry, catalogueEntries, type Machine, readCatalogue } from "./catalogue.ts";
import { disksOf } from "./disks.ts";
import type { DownloadManager } from "./downloads/download-manager.ts";
import { guessKind, type Hub, parseAddress } from "./downloads/hub.ts";
import { findModels } from "./find-models.ts";
import { hashFile } from "./hash-file.ts";
import { inspectModel } from "./inspect-model.ts";
import type { FileState, ModelDatabase, ModelOrigin } from "./model-database.ts";
import type { AddedFolder, ModelRoots } from "./model-roots.ts";
import { previewBeside } from "./preview-beside.ts";
import { findInstallations } from "./usual-places.ts";

const FETCH_POLL_MS = 200;
/** Headers that are read at the same time. */
const READERS = 2;

export interface DerivedWeights {
  list(): Promise<{ id: string; model: string; plan: string; sizeBytes: number; isStale: boolean }[]>;
  remove(ids: readonly string[]): Promise<number>;
}

export interface ModelManagerOptions {
  roots: ModelRoots;
  /** The folder of the starter model. */
  starter: string;
  resources: string;
  database: ModelDatabase;
  downloads: DownloadManager;
  hub: Hub;
  derived: DerivedWeights;
  /** Where derived weights are kept. */
  cacheFolder: string;
  /** Where installations of other programs are looked for. */
  places: readonly string[];
  machine(): Promise<Machine>;
  /** Keeps a picture that shows what a model does, and gives its hash. */
  keepPreview(file: string): Promise<string | undefined>;
  /** Facts of a model became known, or the folders changed. */
  onChange(): void;
}

/** A model as a file: what is known of it hangs on its size and time. */
type Located = ScannedModel & { state: FileState | undefined };

/** Everything about the models of this machine: what there is, where from, what is missing, what can be had. */
export class ModelManager {
  readonly #options: ModelManagerOptions;
  /** What waits to be read or is being read. */
  readonly #reading = new Set<string>();
  readonly #unread: { key: string; task: () => Promise<void> }[] = [];
  readonly #hashing = new Map<string, Promise<string>>();
  readonly #previews = new Map<string, string | null>();
  #readers = 0;
  #isClosed = false;

  constructor(options: ModelManagerOptions) {
    this.#options = options;
  }

  get roots(): ModelRoots {
    return this.#options.roots;
  }

  get downloads(): DownloadManager {
    return this.#options.downloads;
  }

  get derived(): DerivedWeights {
    return this.#options.derived;
  }

  async addFolder(folder: string): Promise<AddedFolder> {
    const added = await this.roots.add(folder);
    this.#options.onChange();
    return added;
  }

  removeFolder(folder: string): boolean {
    const removed = this.roots.remove(folder);
    if (removed) this.#options.onChange();
    return removed;
  }

  /** The disks of all models folders, and of the derived weights. */
  disks(): Promise<Disk[]> {
    const folders = this.roots.list().map(({ path }) => path);
    return disksOf(folders, this.#options.cacheFolder);
  }

  snapshot(): Downloads {
    return this.#options.downloads.snapshot();
  }

  async library(): Promise<ModelDetails[]> {
    return Promise.all((await this.#located()).map((model) => this.#details(model)));
  }

  /** Where a model really lies, which is what the engine knows it by. */
  async place(kind: ModelKind, name: string): Promise<{ path: string; label: string }> {
    const { path, label } = await this.#named(kind, name);
    return { path: await realpath(path), label };
  }

  /** @returns undefined for a folder */
  async hash(kind: ModelKind, name: string): Promise<string | undefined> {
    const model = await this.#named(kind, name);
    return model.state && this.#hashOf(model.state);
  }

  /** Compares a file with what is known of its publication, reading all of it anew. */
  async verify(
    kind: ModelKind,
    name: string,
  ): Promise<{ result: "matches" | "differs" | "unknown"; sha256: string | null }> {
    const { state, path } = await this.#named(kind, name);
    if (!state) return { result: "unknown", sha256: null };
    const sha256 = await hashFile(state.path);
    const published = readCatalogue(this.#options.resources).find(
      (entry) => entry.fileName === basename(path) && entry.source.sizeBytes === state.size,
    )?.source.sha256;
    const known = this.#options.database.sha256(state);
    const expected = published ?? (this.#options.database.origin(state) ? known : undefined);
    this.#options.database.remember(state, { sha256 });
    return { result: expected === undefined ? "unknown" : expected === sha256 ? "matches" : "differs", sha256 };
  }

  async catalogue(): Promise<CatalogueEntry[]> {
    const [models, machine] = await Promise.all([this.#located(), this.#options.machine()]);
    const installed = models.map(({ path, state }) => ({
      fileName: basename(path),
      size: state?.size,
      sha256: state && this.#options.database.sha256(state),
    }));
    const tokenizer = await stateOf(join(this.#options.roots.main, "tokenizer", "tokenizer.json"));
    if (tokenizer) installed.push({ fileName: "tokenizer.json", size: tokenizer.size, sha256: undefined });
    return catalogueEntries(readCatalogue(this.#options.resources), installed, machine);
  }

  /** @throws HeddleError `bad-address`, and what the hub's client throws */
  async browse(text: string): Promise<{ repository: string | null; offers: ModelOffer[] }> {
    const { hub } = this.#options;
    const address = parseAddress(text, hub.endpoint);
    if (address.repository === undefined) {
      const fileName = basename(URL.parse(address.url ?? "")?.pathname ?? "");
      const offer = { fileName, kind: guessKind(fileName), sizeBytes: null, licence: null, gated: false };
      return { repository: null, offers: [{ ...offer, source: { url: address.url! } }] };
    }
    const all = await hub.list(address.repository, address.revision);
    const offers = address.file === undefined ? all : all.filter(({ source }) => source.file === address.file);
    return { repository: address.repository, offers };
  }

  async find(wanted: readonly WantedModel[], deep: boolean): Promise<FoundModel[]> {
    const catalogue = readCatalogue(this.#options.resources);
    const found = await findModels(wanted, {
      models: await this.#located(),
      catalogue,
      installations: findInstallations(this.#options.places, this.roots.roots()),
      endpoint: this.#options.hub.endpoint,
      knownHash: (file) => this.#options.database.sha256(file),
      hash: (file) => this.#hashOf(file),
      deep,
    });
    const tokenizer = await this.#missingTokenizer(wanted, catalogue);
    return tokenizer ? [...found, tokenizer] : found;
  }

  /** Text encoders in one file come without the tokenizer that they need; no workflow names it. */
  async #missingTokenizer(
    wanted: readonly WantedModel[],
    catalogue: readonly CatalogueFileEntry[],
  ): Promise<FoundModel | undefined> {
    const encoder = wanted.find(({ kind, name }) => kind === "textEncoder" && /\.(safetensors|gguf)$/i.test(name));
    const entry = catalogue.find(({ group }) => group === "tokenizer");
    if (!encoder || !entry) return undefined;
    const fileName = basename(encoder.name.replaceAll("\\", "/")).toLowerCase();
    const encoders = (await this.#located()).filter(({ kind }) => kind === "textEncoder");
    const file = encoders.find(({ path }) => basename(path).toLowerCase() === fileName)?.path;
    const place = file ?? join(this.roots.main, "text_encoders", fileName);
    const folders = this.roots.roots().map((root) => root.path);
    if ((await findTokenizer(place, folders)) !== undefined) return undefined;
    const { source, kind, sizeBytes, licence } = entry;
    const offer = { source, kind, sizeBytes, licence, fileName: entry.fileName, gated: false };
    return { kind, name: entry.fileName, present: false, matches: [], elsewhere: [], offer, unsearchedBytes: 0 };
  }

  /**
   * What is known of the models that a workflow names. Hashes that are not known yet are computed meanwhile, for the
   * next time.
   */
  async references(wanted: readonly { kind: ModelKind; name: string }[]): Promise<WantedModel[]> {
    const models = await this.#located();
    return wanted.flatMap(({ kind, name }): WantedModel[] => {
      const model = models.find((one) => one.kind === kind && (one.name === name || one.shortName === name));
      if (!model?.state || model.builtIn) return [];
      const { database } = this.#options;
      const sha256 = database.sha256(model.state);
      if (sha256 === undefined) void this.#hashOf(model.state).catch(() => {});
      const known = readCatalogue(this.#options.resources).find(({ source }) => source.sha256 === sha256);
      const origin: ModelOrigin = database.origin(model.state) ?? {
        ...known?.source,
        ...(known ? { licence: known.licence } : {}),
      };
      const { repository, file, revision, url, licence } = origin;
      return [
        {
          kind,
          name,
          sizeBytes: model.state.size,
          ...(sha256 === undefined ? {} : { sha256 }),
          ...(repository === undefined ? {} : { repository }),
          ...(file === undefined ? {} : { file }),
          ...(revision === undefined ? {} : { revision }),
          ...(url === undefined ? {} : { url }),
          ...(licence === undefined ? {} : { licence }),
        },
      ];
    });
  }

  /**
   * The name of the model that lies at an address, which is fetched first unless that was done before.
   * @throws HeddleError what the download ended with, or `download-goes-on` when the signal is aborted before its end
   */
  async fetched(kind: ModelKind, url: string, signal: AbortSignal): Promise<string> {
    const { database, downloads } = this.#options;
    const here = (await this.#located()).find(
      ({ kind: own, state }) => own === kind && state && database.origin(state)?.url === url,
    );
    if (here) return here.name;
    const id = await downloads.add(kind, { url });
    for (;;) {
      const download = downloads.snapshot().downloads.find((one) => one.id === id);
      if (!download) throw downloadGone(url);
      if (download.state === "done") return download.name;
      if (download.error && download.state === "failed") throw new HeddleError(download.error);
      if (signal.aborted) throw downloadGoesOn(url);
      await delay(FETCH_POLL_MS);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unread.length = 0;
    await this.#options.downloads.close();
    this.#options.database.close();
  }

  async #located(): Promise<Located[]> {
    const { roots, starter } = this.#options;
    const models = await scanModels({ roots: roots.roots(), starter });
    return Promise.all(models.map(async (model) => ({ ...model, state: await stateOf(model.path) })));
  }

  async #named(kind: ModelKind, name: string): Promise<Located> {
    const found = (await this.#located()).find(
      (model) => model.kind === kind && (model.name === name || model.shortName === name),
    );
    if (found) return found;
    throw new HeddleError({
      code: "model-not-found",
      message: `There is no model "${name}" in the models folders any more.`,
      help: "Look whether it was moved or renamed.",
      details: { kind, name, cause: "moved" },
    });
  }

  async #details(model: Located): Promise<ModelDetails> {
    const { database } = this.#options;
    const { state, shortName: _shortName, ...entry } = model;
    const real = state?.path ?? (await realpath(model.path).catch(() => model.path));
    const key = state ?? (await folderState(real));
    const facts = database.facts(key, model.kind);
    if (!facts) this.#read(`${model.kind}\0${real}`, async () => this.#inspect(model, key));
    const origin = state && database.origin(state);
    const used = database.lastUse(real);
    return {
      ...entry,
      ...(facts ?? unknownFacts),
      sha256: (state && database.sha256(state)) ?? null,
      pending: facts === undefined,
      preview: await this.#preview(model),
      lastUsed: used === undefined ? null : new Date(used).toISOString(),
      origin: {
        repository: origin?.repository ?? null,
        file: origin?.file ?? null,
        revision: origin?.revision ?? null,
        url: origin?.url ?? null,
        licence: origin?.licence ?? null,
      },
    };
  }

  async #inspect(model: Located, key: FileState): Promise<void> {
    const facts = await inspectModel(model.path, model.kind);
    if (!this.#isClosed) this.#options.database.rememberFacts(key, model.kind, facts);
  }

  /** Reads headers, {@link READERS} at the same time, and tells when there are none left. */
  #read(key: string, task: () => Promise<void>): void {
    if (this.#reading.has(key)) return;
    this.#reading.add(key);
    this.#unread.push({ key, task });
    if (this.#readers >= READERS) return;
    this.#readers++;
    void this.#readAll().finally(() => this.#readers--);
  }

  async #readAll(): Promise<void> {
    for (let next = this.#unread.shift(); next; next = this.#unread.shift()) {
      const { key, task } = next;
      const isKept = await task().then(
        () => true,
        () => false,
      );
      // What cannot be written down (the disk is full) is not read again and again: each reading makes windows ask anew.
      if (isKept) this.#reading.delete(key);
      if (this.#isClosed) return;
    }
    this.#options.onChange();
  }

  async #preview(model: Located): Promise<string | null> {
    const file = await previewBeside(model.path);
    if (file === undefined) return null;
    const key = `${file.path}\0${file.modifiedMs}`;
    const known = this.#previews.get(key);
    if (known !== undefined) return known;
    const hash = (await this.#options.keepPreview(file.path).catch(() => undefined)) ?? null;
    this.#previews.set(key, hash);
    return hash;
  }

  /** One file is hashed at a time per path; whoever asks meanwhile gets the same answer. */
  #hashOf(file: FileState): Promise<string> {
    const known = this.#options.database.sha256(file);
    if (known !== undefined) return Promise.resolve(known);
    const running = this.#hashing.get(file.path);
    if (running) return running;
    const previous = [...this.#hashing.values()].at(-1);
    const hashing = (async () => {
      // The disk is read for one file at a time.
      await previous?.catch(() => {});
      const sha256 = await hashFile(file.path);
      const now = await stateOf(file.path);
      const isSame = now?.size === file.size && now.modifiedMs === file.modifiedMs;
      if (isSame && !this.#isClosed) this.#options.database.remember(file, { sha256 });
      return sha256;
    })().finally(() => this.#hashing.delete(file.path));
    this.#hashing.set(file.path, hashing);
    return hashing;
  }
}

function downloadGone(url: string): HeddleError {
  return new HeddleError({
    code: "download-cancelled",
    message: "The download was cancelled.",
    help: "Ask for it again.",
    details: { url },
  });
}

function downloadGoesOn(url: string): HeddleError {
  return new HeddleError({
    code: "download-goes-on",
    message: "The model is still being fetched.",
    help: "Ask again in a while.",
    details: { url },
  });
}

const unknownFacts: ModelFacts = {
  family: null,
  variant: null,
  precision: null,
  parameters: null,
  title: null,
  triggerWords: [],
  problem: null,
};

/** @returns undefined for a folder, and for what is gone */
export async function stateOf(path: string): Promise<FileState | undefined> {
  try {
    const real = await realpath(path);
    const found = await stat(real);
    return found.isFile() ? { path: real, size: found.size, modifiedMs: found.mtimeMs } : undefined;
  } catch {
    return undefined;
  }
}

async function folderState(real: string): Promise<FileState> {
  const found = await stat(join(real, "model_index.json")).catch(() => stat(real).catch(() => undefined));
  return { path: `${real}${extname(real) === "" ? "/" : ""}`, size: 0, modifiedMs: found?.mtimeMs ?? 0 };
}
