import type { ImageReference } from "../../graph/events.ts";
import type { StoredFile } from "../host-services.ts";
import type { JobQueue } from "../queue/job-queue.ts";
import type { ServedModels } from "./models.ts";
import type { OriginOfRequest } from "./own-address.ts";
import type { Pictures } from "./pictures.ts";
import type { Results } from "./results.ts";
import type { Uploads } from "./uploads.ts";

/** What the services' interfaces work with. */
export interface ApiContext {
  jobs: JobQueue;
  models: ServedModels;
  pictures: Pictures;
  uploads: Uploads;
  results: Results;
  originOf: OriginOfRequest;
  openImage(hash: string): Promise<StoredFile | undefined>;
  keepPicture(bytes: Uint8Array): Promise<ImageReference>;
}
