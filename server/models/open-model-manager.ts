import { totalmem } from "node:os";
import path from "node:path";
import type { Downloads } from "../../protocol/models.ts";
import { createGuardedFetch, createGuardedRequest } from "../http/guarded-fetch.ts";
import type { HeddleFolders } from "../services/home.ts";
import { derivedWeights } from "./derived-weights.ts";
import { DownloadManager, readToken } from "./downloads/download-manager.ts";
import { Hub } from "./downloads/hub.ts";
import type { RetryPolicy } from "./downloads/retry.ts";
import { openModelDatabase } from "./model-database.ts";
import { ModelManager, stateOf } from "./model-manager.ts";
import { ModelRoots } from "./model-roots.ts";
import { usualPlaces } from "./usual-places.ts";

const HUB = "https://huggingface.co";
/** Of the memory, as the engine's own budget. */
const WEIGHTS_SHARE = 0.5;

export interface OpenModelManagerOptions {
  folders: HeddleFolders;
  environment?: Readonly<Record<string, string | undefined>>;
  retries?: RetryPolicy;
  places?: readonly string[];
  keepPreview?(file: string): Promise<string | undefined>;
  onDownloads?(downloads: Downloads): void;
  onChange?(): void;
}

/**
 * The model manager of this machine's folders. `HF_ENDPOINT` names a mirror of the hub, as everywhere in its tools;
 * whoever sets it trusts that host. `HF_TOKEN` is the token where none is kept.
 */
export function openModelManager({
  folders,
  environment = process.env,
  retries,
  places = usualPlaces(),
  keepPreview = async () => undefined,
  onDownloads = () => {},
  onChange = () => {},
}: OpenModelManagerOptions): ModelManager {
  const endpoint = (environment.HF_ENDPOINT || HUB).replace(/\/+$/, "");
  const allowedHosts = new Set(
    [...(environment.HEDDLE_FETCH_ALLOW ?? "").split(","), URL.parse(endpoint)?.hostname ?? ""]
      .map((host) =>
        host
          .trim()
          .toLowerCase()
          .replace(/^\[|\]$/g, ""),
      )
      .filter(Boolean),
  );
  const policy = { allowedHosts };
  const tokenFile = path.join(folders.home, "hub-token");
  const roots = new ModelRoots(folders);
  const database = openModelDatabase(folders.home);
  const hub = new Hub({ endpoint, fetch: createGuardedFetch(policy), token: () => readToken(tokenFile) });
  const downloads = new DownloadManager({
    folder: path.join(folders.home, "downloads"),
    tokenFile,
    modelsFolder: roots.main,
    hub,
    request: createGuardedRequest(policy),
    ...(retries ? { retries } : {}),
    async onFinished({ path: file, sha256, origin }) {
      const state = await stateOf(file);
      if (state) database.remember(state, { sha256, origin });
      onChange();
    },
    onChange: onDownloads,
  });
  return new ModelManager({
    roots,
    starter: path.join(folders.resources, "starter-model"),
    resources: folders.resources,
    database,
    downloads,
    hub,
    derived: derivedWeights(folders.cache),
    cacheFolder: folders.cache,
    places,
    machine: async () => ({
      memoryBytes: totalmem(),
      weightBytes: totalmem() * WEIGHTS_SHARE,
      plans: [
        { plan: "int8", bytesPerWeight: 1.03 },
        { plan: "int4", bytesPerWeight: 0.63 },
      ],
    }),
    keepPreview,
    onChange,
  });
}
