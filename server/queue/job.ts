import { z } from "zod";
import type { JsonValue, WorkflowDocument } from "../../graph/document.ts";
import { errorPayloadSchema, imageReferenceSchema, runTimingsSchema } from "../../graph/events.ts";
import type { RunLogLine } from "../../protocol/run-log.ts";

/** Who asked for a job: a window of the studio, or one of the programs' interfaces. */
export const jobOrigins = ["studio", "fal", "runware", "workflow"] as const;
export type JobOrigin = (typeof jobOrigins)[number];

export const jobStates = ["waiting", "running", "done", "failed", "cancelled"] as const;
export type JobState = (typeof jobStates)[number];

/**
 * The higher the earlier; among equals first come, first served, unless a person moved them. Whoever sits at the window
 * goes before programs.
 */
export const JobPriority = { urgent: 3, window: 2, normal: 1, low: 0 } as const;

export interface JobRequest {
  document: WorkflowDocument;
  targets?: string[] | undefined;
  /** `studio` when absent: such a job ends with its host, all others survive its restart. */
  origin?: JobOrigin | undefined;
  priority?: number | undefined;
  /** How long it may run, in ms. */
  timeoutMs?: number | undefined;
  /** How long it may wait for its start, in ms. */
  startTimeoutMs?: number | undefined;
  /** Jobs of one order share it. */
  group?: string | undefined;
  /** Where its end is to be told; kept until that worked, or was tried often enough. */
  deliveries?: readonly DeliveryOrder[] | undefined;
  /** What the interface that took the order needs to answer for it later. */
  facts?: JsonValue | undefined;
}

export const deliveryKinds = ["webhook", "upload"] as const;

/** `webhook`: a message that the job ended; `upload`: its picture. */
export interface DeliveryOrder {
  kind: (typeof deliveryKinds)[number];
  url: string;
}

export interface Delivery extends DeliveryOrder {
  id: number;
  jobId: string;
  /** How often it was tried. */
  attempts: number;
}

/** How a job ended. */
export const jobOutcomeSchema = z.object({
  images: z.array(imageReferenceSchema),
  timings: runTimingsSchema,
  /** What nodes wrote, by node. */
  texts: z.record(z.string(), z.string()).optional(),
  error: errorPayloadSchema.optional(),
});
export type JobOutcome = z.infer<typeof jobOutcomeSchema>;

export interface Job {
  id: string;
  origin: JobOrigin;
  state: JobState;
  priority: number;
  group: string | undefined;
  facts: JsonValue;
  /** Milliseconds since 1970. */
  createdAt: number;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  outcome: JobOutcome | undefined;
}

export type LogLine = RunLogLine;

export function isFinished({ state }: Pick<Job, "state">): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}
