import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { HeddleError } from "../../common/errors.ts";
import type { GuardedRequest } from "../http/guarded-fetch.ts";
import type { Delivery, Job } from "../queue/job.ts";
import { falFactsSchema, falOutput } from "./fal/output.ts";
import { failureOf } from "./fal/requests.ts";
import type { Results } from "./results.ts";
import { runwareFactsSchema, tellJob } from "./runware/results.ts";

/** What is sent to tell of a job's end, in the words of the interface that it came through. */
export async function messageOf(job: Job, kind: Delivery["kind"], results: Results): Promise<GuardedRequest> {
  if (kind === "upload") return pictureOf(job, results);
  const body = job.origin === "fal" ? await falMessage(job, results) : await runwareMessage(job, results);
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

async function falMessage(job: Job, results: Results): Promise<object> {
  const request = { request_id: job.id, gateway_request_id: job.id };
  if (job.state !== "done") {
    const { detail } = failureOf(job);
    return { ...request, status: "ERROR", error: detail, payload: { detail } };
  }
  const { origin } = falFactsSchema.parse(job.facts);
  return { ...request, status: "OK", error: null, payload: await falOutput(job, results, origin) };
}

async function runwareMessage(job: Job, results: Results): Promise<object> {
  const told = await tellJob(job, results, runwareFactsSchema.parse(job.facts).origin);
  return "data" in told ? { data: [told.data] } : { errors: [told.error] };
}

async function pictureOf(job: Job, results: Results): Promise<GuardedRequest> {
  const image = job.outcome?.images[0];
  const file = image && (await results.open(image, basename(results.pathOf(job, 0, image))));
  if (!file) {
    throw new HeddleError({
      // Nothing to send now is nothing to send later.
      code: "fetch-refused",
      message: "There is no picture to send.",
      help: "The job’s log says why.",
      details: { cause: "no-picture" },
    });
  }
  return { method: "PUT", headers: { "content-type": file.mimeType }, body: await readFile(file.path) };
}
