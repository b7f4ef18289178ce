import { z } from "zod";

/** What a run tells its listeners: small and serialisable, the same on every transport. */
export const errorPayloadSchema = z.object({
  code: z.string(),
  message: z.string(),
  help: z.string(),
  nodeId: z.string().optional(),
  field: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

/** A picture in the content-addressed store. */
export const imageReferenceSchema = z.object({
  /** SHA-256 of the file, hex; the address of the picture on every host. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  width: z.int(),
  height: z.int(),
  mimeType: z.string(),
  /** Decimal, exact. */
  seed: z.string().optional(),
  /** What a safety check said of it; absent where none looked. */
  hasNsfwConcepts: z.boolean().optional(),
  /** Absolute path, when the picture was saved to the output folder. */
  path: z.string().optional(),
});

export const previewSchema = z.object({ dataUrl: z.string(), width: z.int(), height: z.int() });

/** Milliseconds; the parts need not add up to the total. */
export const runTimingsSchema = z.object({
  loadMs: z.number(),
  encodeMs: z.number(),
  sampleMs: z.number(),
  decodeMs: z.number(),
  saveMs: z.number(),
  totalMs: z.number(),
});

export const runEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("run-started"), runId: z.string(), nodeIds: z.array(z.string()) }),
  z.object({ type: z.literal("node-started"), runId: z.string(), nodeId: z.string() }),
  z.object({
    type: z.literal("node-progress"),
    runId: z.string(),
    nodeId: z.string(),
    /** Steps done, of `max`. */
    value: z.number(),
    max: z.number(),
    label: z.string().optional(),
    /** What the label says, for interfaces in other languages. */
    labelCode: z.enum(["preparing"]).optional(),
    preview: previewSchema.optional(),
  }),
  z.object({
    type: z.literal("node-warning"),
    runId: z.string(),
    nodeId: z.string(),
    warning: errorPayloadSchema,
  }),
  z.object({
    type: z.literal("node-finished"),
    runId: z.string(),
    nodeId: z.string(),
    /** The result came from the cache; nothing was computed. */
    cached: z.boolean(),
    durationMs: z.number(),
    /** The most memory that the engine's process held meanwhile, in bytes. */
    memoryBytes: z.number().optional(),
    /** How much more that is than what it held before, in bytes. */
    memoryRiseBytes: z.number().optional(),
    images: z.array(imageReferenceSchema).optional(),
    /** Facts worth showing on the node (detected model, token count, chosen size). */
    info: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  }),
  z.object({ type: z.literal("node-failed"), runId: z.string(), nodeId: z.string(), error: errorPayloadSchema }),
  z.object({
    type: z.literal("run-finished"),
    runId: z.string(),
    status: z.enum(["done", "failed", "cancelled"]),
    images: z.array(imageReferenceSchema),
    timings: runTimingsSchema,
    cachedNodes: z.array(z.string()),
    /** ONNX sessions that this run created (0 when everything was warm). */
    sessionsCreated: z.int(),
    error: errorPayloadSchema.optional(),
  }),
]);

export type RunEvent = z.infer<typeof runEventSchema>;
export type ImageReference = z.infer<typeof imageReferenceSchema>;
export type RunTimings = z.infer<typeof runTimingsSchema>;
export type Preview = z.infer<typeof previewSchema>;
