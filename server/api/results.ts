import { stat } from "node:fs/promises";
import type { ImageReference } from "../../graph/events.ts";
import type { StoredFile } from "../host-services.ts";
import type { Job } from "../queue/job.ts";

const extensions: Readonly<Record<string, string>> = { "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp" };

export interface ResultFile extends StoredFile {
  name: string;
  /** Bytes. */
  size: number;
}

/** The pictures of finished jobs, at `/files/results/<job>/<index>.<extension>`: whoever knows a job's id may see them. */
export class Results {
  readonly #findJob: (id: string) => Job | undefined;
  readonly #openImage: (hash: string) => Promise<StoredFile | undefined>;

  constructor(options: {
    findJob(id: string): Job | undefined;
    openImage(hash: string): Promise<StoredFile | undefined>;
  }) {
    this.#findJob = options.findJob;
    this.#openImage = options.openImage;
  }

  /** Path of a result's address. */
  pathOf(job: Pick<Job, "id">, index: number, { mimeType }: ImageReference): string {
    return `/files/results/${job.id}/${index}.${extensions[mimeType] ?? "png"}`;
  }

  /** `undefined` when there is no such picture (any more), or when its time is over. */
  async find(jobId: string, name: string): Promise<ResultFile | undefined> {
    const index = /^(\d{1,3})\.(?:png|jpg|webp)$/.exec(name)?.[1];
    const job = index === undefined ? undefined : this.#findJob(jobId);
    const image = job?.outcome?.images[Number(index)];
    if (!job || !image || isOver(job)) return undefined;
    return this.open(image, name);
  }

  async open(image: ImageReference, name: string): Promise<ResultFile | undefined> {
    const file = await this.#openImage(image.hash);
    const size = file && (await stat(file.path).catch(() => undefined))?.size;
    return file && size !== undefined ? { ...file, name, size } : undefined;
  }
}

/** An order may say for how many seconds its addresses are good. */
function isOver({ facts, finishedAt }: Job): boolean {
  if (typeof facts !== "object" || facts === null || Array.isArray(facts)) return false;
  const { ttlSeconds } = facts;
  return typeof ttlSeconds === "number" && finishedAt !== undefined && finishedAt + ttlSeconds * 1_000 < Date.now();
}
