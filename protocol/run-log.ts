import { z } from "zod";
import { errorPayloadSchema } from "../graph/events.ts";

/** A node by what a person sees: its title or, where it has none of its own, its type; behind those of the subgraphs it is in. */
const nodeNameSchema = z.object({
  parts: z.array(z.union([z.object({ title: z.string() }), z.object({ type: z.string() })])),
  /** Where two have one name. */
  id: z.string().optional(),
});

const ofNode = { node: nodeNameSchema };
const took = { ms: z.number() };
const problem = { error: errorPayloadSchema };

/** What a line says, for interfaces in other languages. */
const logFactSchema = z.discriminatedUnion("code", [
  z.object({ code: z.literal("started"), nodes: z.int() }),
  z.object({ code: z.literal("node-started"), ...ofNode }),
  z.object({ code: z.literal("node-step"), ...ofNode, value: z.number(), max: z.number() }),
  z.object({ code: z.literal("node-preparing"), ...ofNode }),
  /** What a node writes or counts: the same in every language. */
  z.object({ code: z.literal("node-says"), ...ofNode, words: z.string() }),
  z.object({ code: z.literal("node-cached"), ...ofNode }),
  z.object({ code: z.literal("node-done"), ...ofNode, ...took }),
  /** A warning, or why it failed: the line's level tells. */
  z.object({ code: z.literal("node-problem"), ...ofNode, ...problem }),
  z.object({ code: z.literal("done"), ...took }),
  z.object({ code: z.literal("cancelled"), ...took }),
  z.object({ code: z.literal("failed"), ...problem }),
  /** The engine ended under a program's run, which waits to begin anew. */
  z.object({ code: z.literal("waits-again"), ...problem }),
  z.object({ code: z.literal("delivered"), kind: z.enum(["webhook", "upload"]), host: z.string() }),
  z.object({
    code: z.literal("not-delivered"),
    kind: z.enum(["webhook", "upload"]),
    host: z.string(),
    ...problem,
    isLast: z.boolean(),
  }),
]);

export const logLineSchema = z.object({
  /** Milliseconds since 1970. */
  time: z.number(),
  level: z.enum(["info", "warn", "error"]),
  /** English, as in copies of the log and for programs. */
  message: z.string(),
  /** Absent in logs that an earlier Heddle wrote. */
  fact: logFactSchema.optional(),
});

export type LogFact = z.infer<typeof logFactSchema>;
export type NodeName = z.infer<typeof nodeNameSchema>;
export type RunLogLine = z.infer<typeof logLineSchema>;
