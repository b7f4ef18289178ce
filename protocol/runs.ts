import { z } from "zod";
import { workflowDocumentSchema } from "../graph/document.ts";
import { errorPayloadSchema, imageReferenceSchema } from "../graph/events.ts";
import { procedure } from "./procedure.ts";
import { logLineSchema } from "./run-log.ts";

/** How early a run has its turn; among equals first come, first served. */
export const runPriorities = ["high", "normal", "low"] as const;

const runSummarySchema = z.object({
  runId: z.string(),
  /** Title of its workflow; empty when a program asked for it. */
  title: z.string(),
  /** How its prompt begins, and its seed, as far as its workflow says so itself. */
  prompt: z.string().optional(),
  seed: z.string().optional(),
  /** Who asked for it: a window of the studio, or the interface of a program. */
  origin: z.string(),
  state: z.enum(["waiting", "running", "done", "failed", "cancelled"]),
  priority: z.enum(runPriorities),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  startedAt: z.number().optional(),
  finishedAt: z.number().optional(),
  /** How long it was computed, milliseconds, as its log says. */
  tookMs: z.number().optional(),
  images: z.array(imageReferenceSchema),
  error: errorPayloadSchema.optional(),
});

/** A picture, and where it came from. */
const runResultSchema = z.object({ image: imageReferenceSchema, nodeId: z.string(), runId: z.string() });

const one = z.object({ runId: z.string() });

export const runsContract = {
  /** Queues a run of the document's output nodes (or of `targets` and what they need). */
  start: procedure
    .input(
      z.object({
        document: workflowDocumentSchema,
        targets: z.array(z.string()).optional(),
        priority: z.enum(runPriorities).optional(),
      }),
    )
    .output(z.object({ runId: z.string() })),
  cancel: procedure.input(one).output(z.object({ cancelled: z.boolean() })),
  /** What runs, what waits (in the order in which it will run), and what ended, the latest first. */
  list: procedure.input(z.object({ finished: z.int().min(0).max(500) })).output(z.array(runSummarySchema)),
  /** Puts a waiting run at a place in the queue, 0 being the next; it takes the priority of its neighbours there. */
  move: procedure
    .input(z.object({ runId: z.string(), index: z.int().min(0) }))
    .output(z.object({ moved: z.boolean() })),
  /** Puts a waiting run behind the last one of this priority. */
  prioritise: procedure
    .input(z.object({ runId: z.string(), priority: z.enum(runPriorities) }))
    .output(z.object({ moved: z.boolean() })),
  /** Cancels what windows have waiting. */
  clear: procedure.output(z.object({ cancelled: z.int() })),
  /** The latest pictures that runs of windows made of the workflow with this id and that are still there, the latest first. */
  results: procedure.input(z.object({ workflow: z.string().min(1).max(200) })).output(z.array(runResultSchema)),
  /** What happened in a run so far. */
  log: procedure.input(one).output(z.array(logLineSchema)),
};

export type RunPriority = (typeof runPriorities)[number];
export type RunResult = z.infer<typeof runResultSchema>;
export type RunSummary = z.infer<typeof runSummarySchema>;
