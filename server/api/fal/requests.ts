import type { LogLine } from "../../queue/job.ts";
import { isFinished, type Job } from "../../queue/job.ts";
import type { JobQueue } from "../../queue/job-queue.ts";

interface FalLog {
  message: string;
  level: "INFO" | "WARN" | "ERROR";
  source: "USER";
  /** ISO 8601. */
  timestamp: string;
}

export interface FalStatus {
  status: "IN_QUEUE" | "IN_PROGRESS" | "COMPLETED";
  request_id: string;
  response_url: string;
  status_url: string;
  cancel_url: string;
  queue_position?: number;
  logs?: FalLog[];
  metrics?: { inference_time: number | null };
  error?: string;
}

/** Where a request can be asked for. */
export function requestUrls(id: string, origin: string): Pick<FalStatus, "response_url" | "status_url" | "cancel_url"> {
  const address = `${origin}/fal/queue/fal-ai/z-image/requests/${id}`;
  return { response_url: address, status_url: `${address}/status`, cancel_url: `${address}/cancel` };
}

/** @param logs which lines to tell; none when absent */
export function statusOf(
  job: Job,
  jobs: Pick<JobQueue, "position">,
  origin: string,
  logs?: readonly LogLine[],
): FalStatus {
  const known = { request_id: job.id, ...requestUrls(job.id, origin) };
  if (job.state === "waiting") {
    return { status: "IN_QUEUE", ...known, queue_position: jobs.position(job.id) ?? 0 };
  }
  // The client's types promise a list.
  const told = { logs: (logs ?? []).map(toFalLog) };
  if (!isFinished(job)) return { status: "IN_PROGRESS", ...known, ...told };
  const runMs = job.startedAt === undefined || job.finishedAt === undefined ? null : job.finishedAt - job.startedAt;
  return {
    status: "COMPLETED",
    ...known,
    ...told,
    metrics: { inference_time: runMs === null ? null : runMs / 1_000 },
    ...(job.state === "done" ? {} : { error: failureOf(job).detail }),
  };
}

/** Why a finished job has no output. */
export function failureOf({ state, outcome }: Job): { status: 422 | 499 | 500 | 504; detail: string } {
  if (state === "cancelled") return { status: 499, detail: "The request was cancelled." };
  const { code = "", message = "The request failed.", help = "" } = outcome?.error ?? {};
  const status = code === "job-start-timeout" ? 504 : clientsFault.has(code) ? 422 : 500;
  return { status, detail: `${message} ${help}`.trim() };
}

const clientsFault = new Set(["lora-no-match", "picture-unreadable", "picture-not-found", "workflow-invalid"]);

function toFalLog({ message, level, time }: LogLine): FalLog {
  const levels = { info: "INFO", warn: "WARN", error: "ERROR" } as const;
  return { message, level: levels[level], source: "USER", timestamp: new Date(time).toISOString() };
}
