import { z } from "zod";
import { workflowDocumentSchema } from "../../graph/document.ts";
import { errorPayloadSchema, runEventSchema } from "../../graph/events.ts";

/** What a host asks of its engine process. */
export const hostMessageSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("run"),
    runId: z.string(),
    document: workflowDocumentSchema,
    targets: z.array(z.string()).optional(),
  }),
  z.object({ type: z.literal("cancel"), runId: z.string() }),
  z.object({ type: z.literal("count-tokens"), requestId: z.string(), checkpoint: z.string(), text: z.string() }),
  z.object({ type: z.literal("shutdown") }),
]);

/** What an engine process tells its host. */
export const engineMessageSchema = z.discriminatedUnion("type", [
  /** The runtime is loaded; runs start at once from here on. */
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("heartbeat") }),
  z.object({ type: z.literal("event"), event: runEventSchema }),
  /** The run ended without a `run-finished` event: the engine itself is at fault. */
  z.object({ type: z.literal("run-broken"), runId: z.string(), error: errorPayloadSchema }),
  z.object({ type: z.literal("tokens"), requestId: z.string(), tokens: z.int(), limit: z.int() }),
  z.object({ type: z.literal("request-failed"), requestId: z.string(), error: errorPayloadSchema }),
]);

export type HostMessage = z.infer<typeof hostMessageSchema>;
export type EngineMessage = z.infer<typeof engineMessageSchema>;
