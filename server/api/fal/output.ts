import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import type { ImageReference } from "../../../graph/events.ts";
import type { Job } from "../../queue/job.ts";
import { EXPANSION_NODE } from "../order/order.ts";
import type { Results } from "../results.ts";

/** What a job remembers of the request it came from. */
export const falFactsSchema = z.object({
  prompt: z.string(),
  seed: z.int(),
  syncMode: z.boolean(),
  /** Of the addresses in a message that nobody asks for. */
  origin: z.string(),
});
export type FalFacts = z.infer<typeof falFactsSchema>;

interface FalImage {
  url: string;
  content_type: string;
  file_name: string;
  file_size: number;
  width: number;
  height: number;
}

export interface FalOutput {
  images: FalImage[];
  /** Seconds. */
  timings: { inference: number; total: number };
  seed: number;
  /** False where nothing looked: without a classifier in the models folder, or with the checker off. */
  has_nsfw_concepts: boolean[];
  prompt: string;
}

/**
 * The output of a job that is done.
 * @param origin of addresses, such as `http://127.0.0.1:4333`
 */
export async function falOutput(job: Job, results: Results, origin: string): Promise<FalOutput> {
  const { prompt, seed, syncMode } = falFactsSchema.parse(job.facts);
  const { images = [], timings, texts = {} } = job.outcome ?? {};
  const described = await Promise.all(images.map((image, index) => describe(image, index)));
  return {
    images: described,
    timings: { inference: (timings?.sampleMs ?? 0) / 1_000, total: (timings?.totalMs ?? 0) / 1_000 },
    seed,
    has_nsfw_concepts: images.map(({ hasNsfwConcepts = false }) => hasNsfwConcepts),
    prompt: texts[EXPANSION_NODE] || prompt,
  };

  async function describe(image: ImageReference, index: number): Promise<FalImage> {
    const address = results.pathOf(job, index, image);
    const file = await results.open(image, basename(address));
    const { width, height, mimeType } = image;
    const url =
      syncMode && file
        ? `data:${mimeType};base64,${(await readFile(file.path)).toString("base64")}`
        : `${origin}${address}`;
    return { url, content_type: mimeType, file_name: basename(address), file_size: file?.size ?? 0, width, height };
  }
}
