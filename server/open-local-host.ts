import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import type { ImageReference } from "../graph/events.ts";
import { checkPictureFile } from "../nodes/picture-file.ts";
import type { HostEvent, HostInfo } from "../protocol/contract.ts";
import { DeviceService } from "./devices/device-service.ts";
import { Gallery } from "./library/gallery.ts";
import { GalleryIndex } from "./library/gallery-index.ts";
import { listModels } from "./library/model-list.ts";
import { RunResults } from "./library/run-results.ts";
import { listTemplates } from "./library/templates.ts";
import { createLocalHost, type LocalHost, type LocalHostOptions } from "./local-host.ts";
import { openLog } from "./log.ts";
import { openModelManager } from "./models/open-model-manager.ts";
import { packageFacts } from "./package-facts.ts";
import { JobStore } from "./queue/job-store.ts";
import { type HeddleFolders, heddleFolders, templatePictures } from "./services/home.ts";
import { createImageStore } from "./services/image-store.ts";
import { createSubgraphLibrary } from "./services/subgraph-library.ts";
import { listWildcards } from "./services/wildcard-library.ts";

/** Pictures that were only looked at, and thumbnails: a few thousand of them. */
const IMAGE_STORE_BUDGET_BYTES = 2 * 2 ** 30;
const PRUNE_EVERY_MS = 3_600_000;

/** The host of this machine's folders, with what the programs' interfaces need besides. */
export interface OpenedHost extends LocalHost {
  folders: HeddleFolders;
  log: Logger;
  /** Keeps a picture that a program gave: like {@link LocalHost.putImage}, but not for good. */
  takePicture(bytes: Uint8Array): Promise<ImageReference>;
}

/** The host of this machine's folders. `spawnEngine` says how the engine process is started here. */
export async function openLocalHost(
  kind: HostInfo["kind"],
  spawnEngine: LocalHostOptions["spawnEngine"],
  jobLimits: LocalHostOptions["jobLimits"] = {},
): Promise<OpenedHost> {
  const folders = heddleFolders();
  const log = openLog(folders.home);
  const images = createImageStore(folders.images, templatePictures(folders));
  const gallery = new Gallery(folders.output, images, new GalleryIndex(folders.home));
  const starter = join(folders.resources, "starter-model");
  let publish: (event: HostEvent) => void = () => {};
  const models = openModelManager({
    folders,
    async keepPreview(file) {
      const picture = await checkPictureFile(await readFile(file));
      return (await images.put(picture.bytes, picture.facts)).hash;
    },
    onDownloads: (state) => publish({ type: "downloads", state }),
    onChange: () => publish({ type: "models-changed" }),
  });
  const prune = () =>
    images
      .prune(IMAGE_STORE_BUDGET_BYTES)
      .catch((error: unknown) => log.error({ error }, "Old pictures could not be removed"));
  void prune();
  const pruneTimer = setInterval(prune, PRUNE_EVERY_MS).unref();
  const host = createLocalHost({
    kind,
    // The desktop app has no interface for programs, and so no jobs that outlive it.
    ...(kind === "web" ? { jobStore: openJobStore(folders.home, log) } : {}),
    results: openResults(folders.home, log),
    version: packageFacts().version,
    spawnEngine,
    jobLimits,
    devices: new DeviceService({ home: folders.home }),
    onLog: (level, message, details) => log[level]({ details }, message),
    library: {
      outputFolder: folders.output,
      modelsFolder: folders.models[0] ?? folders.home,
      listModels: (kind) => listModels({ roots: models.roots.roots(), starter }, kind),
      models,
      follow(receive) {
        publish = receive;
        receive({ type: "downloads", state: models.snapshot() });
        models.downloads.start();
      },
      listTemplates: () => listTemplates(join(folders.resources, "templates")),
      listWildcards: () => listWildcards(join(folders.home, "wildcards")),
      gallery,
      subgraphs: createSubgraphLibrary(join(folders.home, "subgraphs")),
      async putImage(bytes) {
        const picture = await checkPictureFile(bytes);
        return images.keep(picture.bytes, picture.facts);
      },
      openImage: (hash, thumbnail) => (thumbnail === undefined ? images.find(hash) : images.thumbnail(hash, thumbnail)),
      async close() {
        clearInterval(pruneTimer);
        await models.close();
        gallery.close();
        return new Promise((resolve) => log.flush(() => resolve()));
      },
    },
  });
  return {
    ...host,
    folders,
    log,
    async takePicture(bytes) {
      const picture = await checkPictureFile(bytes);
      return images.put(picture.bytes, picture.facts);
    },
  };
}

function openJobStore(home: string, log: Logger): JobStore {
  mkdirSync(home, { recursive: true });
  try {
    return new JobStore(join(home, "jobs.db"));
  } catch (error) {
    // A second host on the same folder works too; what it is asked for ends with it.
    log.error({ error }, "Jobs are not kept: another Heddle holds their file");
    return new JobStore(":memory:");
  }
}

function openResults(home: string, log: Logger): RunResults {
  mkdirSync(home, { recursive: true });
  try {
    return new RunResults(join(home, "results.db"));
  } catch (error) {
    log.error({ error }, "What workflows made is not kept: results.db cannot be used");
    return new RunResults();
  }
}
