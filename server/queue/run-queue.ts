import { z } from "zod";
import type { JsonValue, WorkflowDocument } from "../../graph/document.ts";
import type { RunPriority, RunSummary } from "../../protocol/runs.ts";
import type { RunQueue } from "../host-services.ts";
import { type Job, JobPriority } from "./job.ts";
import type { JobQueue } from "./job-queue.ts";

/** What a window's job needs to be told apart from others in a list. */
const factsSchema = z.object({ title: z.string() });

export function factsOf({ title }: WorkflowDocument): JsonValue {
  return { title };
}

/** A person's words for the priorities of jobs. */
export function priorityOf(priority: RunPriority): number {
  return { high: JobPriority.urgent, normal: JobPriority.window, low: JobPriority.low }[priority];
}

/** The queue of jobs as windows see it. */
export function runQueue(jobs: JobQueue): RunQueue {
  return {
    list: (finished) => jobs.list(finished).map(summaryOf),
    move: (runId, index) => jobs.move(runId, index),
    prioritise: (runId, priority) => jobs.prioritise(runId, priorityOf(priority)),
    clear: () => jobs.clear(),
    log: (runId) => jobs.log(runId),
  };
}

function summaryOf(job: Job): RunSummary {
  const facts = factsSchema.safeParse(job.facts);
  return {
    runId: job.id,
    title: facts.success ? facts.data.title : "",
    origin: job.origin,
    state: job.state,
    priority: job.priority >= JobPriority.urgent ? "high" : job.priority === JobPriority.low ? "low" : "normal",
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    images: job.outcome?.images ?? [],
    error: job.outcome?.error,
  };
}
