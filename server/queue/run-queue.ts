import { z } from "zod";
import type { JsonValue, WorkflowDocument } from "../../graph/document.ts";
import { flattenWorkflow } from "../../graph/subgraphs/flatten.ts";
import type { RunPriority, RunSummary } from "../../protocol/runs.ts";
import type { RunQueue } from "../host-services.ts";
import { type Job, JobPriority } from "./job.ts";
import type { JobQueue } from "./job-queue.ts";

/** What a window's job needs to be told apart from others in a list. */
const factsSchema = z.object({ title: z.string(), prompt: z.string().optional(), seed: z.string().optional() });
/** As much of a prompt as fits into a line, characters. */
const LONGEST_PROMPT = 120;

export function factsOf(nested: WorkflowDocument): JsonValue {
  // The sampler may stand in a subgraph, and its prompt outside.
  const { document } = flattenWorkflow(nested);
  const sampler = document.nodes.find(({ type, mode }) => type === "sampler" && mode === "active");
  if (!sampler) return { title: document.title };
  const linkInto = (node: string, port: string) =>
    document.links.find(({ to }) => to.node === node && to.port === port)?.from.node;
  const source = linkInto(sampler.id, "positive");
  const prompt = document.nodes.find(({ id, type }) => id === source && type === "prompt");
  // What comes over a link is not known before the run.
  const words = prompt && linkInto(prompt.id, "text") === undefined ? prompt.params.text : undefined;
  const seed = linkInto(sampler.id, "seed") === undefined ? sampler.params.seed : undefined;
  return {
    title: document.title,
    ...(typeof words === "string" && words.trim() !== "" ? { prompt: beginningOf(words.trim()) } : {}),
    ...(typeof seed === "number" || typeof seed === "string" ? { seed: String(seed) } : {}),
  };
}

/** No half of a character that takes two units, as emoji do, is left at the end. */
const beginningOf = (words: string) => words.slice(0, LONGEST_PROMPT).replace(/[\uD800-\uDBFF]$/, "");

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
    prompt: facts.data?.prompt,
    seed: facts.data?.seed,
    origin: job.origin,
    state: job.state,
    priority: job.priority >= JobPriority.urgent ? "high" : job.priority === JobPriority.low ? "low" : "normal",
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    tookMs: job.outcome?.timings.totalMs,
    images: job.outcome?.images ?? [],
    error: job.outcome?.error,
  };
}
