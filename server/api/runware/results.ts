import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import type { Job } from "../../queue/job.ts";
import { isFinished } from "../../queue/job.ts";
import type { Results } from "../results.ts";
import type { RunwareError } from "./errors.ts";

/** What a job remembers of the task it came from. */
export const runwareFactsSchema = z.object({
  taskUUID: z.string(),
  /** Decimal, or a safe integer. */
  seed: z.union([z.int(), z.string()]),
  outputType: z.enum(["URL", "base64Data", "dataURI"]),
  includeCost: z.boolean(),
  checkContent: z.boolean(),
  ttlSeconds: z.int().optional(),
  /** Of the address in answers that nobody asks for: webhooks. */
  origin: z.string(),
});
export type RunwareFacts = z.infer<typeof runwareFactsSchema>;

export interface RunwareResult {
  taskType: "imageInference";
  taskUUID: string;
  status: "success" | "processing";
  imageUUID?: string;
  imageURL?: string;
  imageBase64Data?: string;
  imageDataURI?: string;
  seed?: number;
  NSFWContent?: boolean;
  cost?: number;
}

/** What there is to tell of a job: its picture, its failure, or that it goes on. */
export async function tellJob(
  job: Job,
  results: Results,
  origin: string,
): Promise<{ data: RunwareResult } | { error: RunwareError }> {
  const facts = runwareFactsSchema.parse(job.facts);
  const task = { taskType: "imageInference", taskUUID: facts.taskUUID } as const;
  if (!isFinished(job)) return { data: { ...task, status: "processing" } };
  const image = job.outcome?.images[0];
  if (job.state !== "done" || !image) {
    const { code = "cancelled", message = "The task was cancelled.", help = "" } = job.outcome?.error ?? {};
    return { error: { code, message: `${message} ${help}`.trim(), ...task } };
  }
  const address = results.pathOf(job, 0, image);
  return {
    data: {
      ...task,
      status: "success",
      imageUUID: job.id,
      ...(await content(facts.outputType, address)),
      seed: Number(facts.seed),
      ...(facts.checkContent ? { NSFWContent: image.hasNsfwConcepts === true } : {}),
      ...(facts.includeCost ? { cost: 0 } : {}),
    },
  };

  async function content(
    type: RunwareFacts["outputType"],
    path: string,
  ): Promise<Pick<RunwareResult, "imageURL" | "imageBase64Data" | "imageDataURI">> {
    if (type === "URL") return { imageURL: `${origin}${path}` };
    const file = image && (await results.open(image, basename(path)));
    const base64 = file ? (await readFile(file.path)).toString("base64") : "";
    return type === "base64Data"
      ? { imageBase64Data: base64 }
      : { imageDataURI: `data:${image?.mimeType};base64,${base64}` };
  }
}
