import { basename } from "node:path";
import type { FoundModel, ModelOffer, WantedModel } from "../../protocol/models.ts";
import { type ScannedModel, scanModels } from "../library/model-list.ts";
import type { CatalogueFileEntry } from "./catalogue.ts";
import { parseAddress } from "./downloads/hub.ts";
import type { FileState } from "./model-database.ts";
import type { FoundInstallation } from "./usual-places.ts";

export interface FindOptions {
  models: readonly (ScannedModel & { state: FileState | undefined })[];
  catalogue: readonly CatalogueFileEntry[];
  /** Of other programs, not added yet. */
  installations: readonly FoundInstallation[];
  /** Of the hub. */
  endpoint: string;
  knownHash(file: FileState): string | undefined;
  hash(file: FileState): Promise<string>;
  /** Read files whose content is not known, however large. */
  deep: boolean;
}

/** Files of unknown content that are read without a further question: some seconds of work. */
const QUIET_BYTES = 2 * 1024 ** 3;

/**
 * For each model that a workflow names: is it there, is its content (or a file of its name) elsewhere, can it be had?
 * Only says; nothing is changed or fetched.
 */
export async function findModels(wanted: readonly WantedModel[], options: FindOptions): Promise<FoundModel[]> {
  const results: FoundModel[] = [];
  for (const one of wanted) results.push(await findModel(one, options));
  return results;
}

async function findModel(wanted: WantedModel, options: FindOptions): Promise<FoundModel> {
  const { kind } = wanted;
  const name = wanted.name.replaceAll("\\", "/");
  const ofKind = options.models.filter((model) => model.kind === kind);
  const isNamed = (model: ScannedModel) => model.name === name || model.shortName === name;
  const base = { kind, name: wanted.name, matches: [], elsewhere: [], offer: null, unsearchedBytes: 0 };
  if (ofKind.some(isNamed)) return { ...base, present: true };
  const fileName = basename(name).toLowerCase();
  const byName = ofKind.filter((model) => !model.builtIn && basename(model.path).toLowerCase() === fileName);
  // A file of that name is found by the engine itself, unless there are two.
  const isUnmistakable = byName.length === 1 && !contradicts(byName[0]!, wanted, options);
  if (isUnmistakable) return { ...base, present: true };
  const { matches, unsearchedBytes } = await byContent(wanted, ofKind, options);
  const content = new Set(matches);
  return {
    ...base,
    present: false,
    matches: [
      ...matches.map((model) => ({ name: model.name, source: model.source, by: "content" as const })),
      ...byName
        .filter((model) => !content.has(model))
        .map((model) => ({ name: model.name, source: model.source, by: "file-name" as const })),
    ],
    elsewhere: await inInstallations(wanted, options),
    offer: offerFor(wanted, options),
    unsearchedBytes,
  };
}

/** Installations that have a file of that name among models of that kind. */
async function inInstallations({ kind, name }: WantedModel, { installations }: FindOptions) {
  const fileName = basename(name.replaceAll("\\", "/")).toLowerCase();
  const found = await Promise.all(
    installations.map(async ({ path, program, roots }) => {
      const models = await scanModels({ roots, starter: undefined }, kind);
      const isThere = models.some((model) => basename(model.path).toLowerCase() === fileName);
      return isThere ? [{ folder: path, program }] : [];
    }),
  );
  return found.flat();
}

type Candidate = FindOptions["models"][number];

function contradicts(model: Candidate, { sha256 }: WantedModel, { knownHash }: FindOptions): boolean {
  const known = model.state && knownHash(model.state);
  return sha256 !== undefined && known !== undefined && known !== sha256;
}

async function byContent(
  { sha256, sizeBytes }: WantedModel,
  models: readonly Candidate[],
  { knownHash, hash, deep }: FindOptions,
): Promise<{ matches: Candidate[]; unsearchedBytes: number }> {
  if (sha256 === undefined) return { matches: [], unsearchedBytes: 0 };
  const fitting = models.filter(({ state }) => state && (sizeBytes === undefined || state.size === sizeBytes));
  const unknown = fitting.filter(({ state }) => state && knownHash(state) === undefined);
  const bytes = unknown.reduce((sum, { state }) => sum + (state?.size ?? 0), 0);
  const reads = deep || bytes <= QUIET_BYTES;
  if (reads) for (const { state } of unknown) if (state) await hash(state).catch(() => undefined);
  return {
    matches: fitting.filter(({ state }) => state && knownHash(state) === sha256),
    unsearchedBytes: reads ? 0 : bytes,
  };
}

/** Where it can be had: what the workflow says of it, completed by the catalogue. */
function offerFor(wanted: WantedModel, { catalogue, endpoint }: FindOptions): ModelOffer | null {
  const fileName = basename(wanted.name.replaceAll("\\", "/"));
  const listed =
    catalogue.find(({ source }) => wanted.sha256 !== undefined && source.sha256 === wanted.sha256) ??
    (wanted.sha256 === undefined
      ? catalogue.find((entry) => entry.kind === wanted.kind && entry.fileName.toLowerCase() === fileName.toLowerCase())
      : undefined);
  if (listed) {
    const { source, kind, sizeBytes, licence } = listed;
    return { source, kind, sizeBytes, licence, fileName, gated: false };
  }
  const source = sourceOf(wanted, endpoint);
  if (source === undefined) return null;
  const { sha256, sizeBytes, licence } = wanted;
  return {
    source: {
      ...source,
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
      ...(licence === undefined ? {} : { licence }),
    },
    fileName,
    kind: wanted.kind,
    sizeBytes: sizeBytes ?? null,
    licence: licence ?? null,
    gated: false,
  };
}

/** An address in a stranger's workflow is only an offer; https or nothing. */
function sourceOf({ repository, file, revision, url }: WantedModel, endpoint: string) {
  if (repository !== undefined && file !== undefined) {
    return { repository, file, ...(revision === undefined ? {} : { revision }) };
  }
  if (url === undefined || !url.startsWith("https://")) return undefined;
  try {
    const parsed = parseAddress(url, endpoint);
    return parsed.file !== undefined || parsed.url !== undefined ? parsed : undefined;
  } catch {
    return undefined;
  }
}
