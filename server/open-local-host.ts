import { join } from "node:path";
import { checkPictureFile } from "../nodes/picture-file.ts";
import type { HostInfo } from "../protocol/contract.ts";
import type { EngineChild } from "./engine-process/engine-child.ts";
import type { HostServices } from "./host-services.ts";
import { listModels } from "./library/model-list.ts";
import { listTemplates } from "./library/templates.ts";
import { createLocalHost } from "./local-host.ts";
import { openLog } from "./log.ts";
import { packageFacts } from "./package-facts.ts";
import { Gallery } from "./services/gallery.ts";
import { heddleFolders, templatePictures } from "./services/home.ts";
import { createImageStore } from "./services/image-store.ts";

/** Pictures that were only looked at, and thumbnails: a few thousand of them. */
const IMAGE_STORE_BUDGET_BYTES = 2 * 2 ** 30;

/** The host of this machine's folders. `spawnEngine` says how the engine process is started here. */
export async function openLocalHost(kind: HostInfo["kind"], spawnEngine: () => EngineChild): Promise<HostServices> {
  const folders = heddleFolders();
  const log = openLog(folders.home);
  const images = createImageStore(folders.images, templatePictures(folders));
  const gallery = new Gallery(folders.output, images);
  const starter = join(folders.resources, "starter-model");
  images
    .prune(IMAGE_STORE_BUDGET_BYTES)
    .catch((error: unknown) => log.error({ error }, "Old pictures could not be removed"));
  return createLocalHost({
    kind,
    version: packageFacts().version,
    spawnEngine,
    onLog: (level, message, details) => log[level]({ details }, message),
    library: {
      outputFolder: folders.output,
      modelsFolder: folders.models[0] ?? folders.home,
      listModels: (kind) => listModels({ models: folders.models, starter }, kind),
      listTemplates: () => listTemplates(join(folders.resources, "templates")),
      recentImages: (limit) => gallery.recent(limit),
      async putImage(bytes) {
        const picture = await checkPictureFile(bytes);
        return images.keep(picture.bytes, picture.facts);
      },
      openImage: (hash, thumbnail) => (thumbnail === undefined ? images.find(hash) : images.thumbnail(hash, thumbnail)),
      close: () => new Promise((resolve) => log.flush(() => resolve())),
    },
  });
}
