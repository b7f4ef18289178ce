import { z } from "zod";

/**
 * The workflow document, version 1: one JSON object, pure data, never code.
 *
 * Every object is loose: fields that this version does not know are kept and written back, so that a file made by a
 * newer Heddle loses nothing here.
 */
export const WORKFLOW_FORMAT = "heddle-workflow";
export const WORKFLOW_VERSION = 1;
export const WORKFLOW_SCHEMA_FILE = "heddle-workflow-1.schema.json";

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
const jsonValue: z.ZodType<JsonValue> = z.json() as z.ZodType<JsonValue>;

const id = z.string().min(1).max(200);
const point = z.looseObject({ x: z.number(), y: z.number() });

export const nodeModes = ["active", "muted", "bypassed"] as const;

export const workflowNodeSchema = z.looseObject({
  /** Unique in the document; templates use readable ids, which `--set id.param=value` addresses. */
  id,
  type: z.string().min(1).max(200),
  /** Version of the node's definition that this node was saved with. */
  typeVersion: z.int().min(1).default(1),
  title: z.string().max(500).optional(),
  position: point.default({ x: 0, y: 0 }),
  size: z.looseObject({ width: z.number(), height: z.number() }).optional(),
  params: z.record(z.string(), jsonValue).default({}),
  mode: z.enum(nodeModes).default("active"),
  collapsed: z.boolean().optional(),
  color: z.string().max(50).optional(),
});

export const portReferenceSchema = z.looseObject({ node: id, port: z.string().min(1).max(200) });

export const workflowLinkSchema = z.looseObject({ id, from: portReferenceSchema, to: portReferenceSchema });

export const workflowFrameSchema = z.looseObject({
  id,
  title: z.string().max(500).default(""),
  position: point,
  size: z.looseObject({ width: z.number(), height: z.number() }),
  color: z.string().max(50).optional(),
});

export const workflowDocumentSchema = z.looseObject({
  $schema: z.string().optional(),
  format: z.literal(WORKFLOW_FORMAT),
  version: z.literal(WORKFLOW_VERSION),
  title: z.string().max(500).default("Untitled"),
  description: z.string().max(20_000).optional(),
  nodes: z.array(workflowNodeSchema).max(20_000),
  links: z.array(workflowLinkSchema).max(100_000),
  frames: z.array(workflowFrameSchema).max(5_000).optional(),
  view: z.looseObject({ x: z.number(), y: z.number(), zoom: z.number().positive() }).optional(),
});

export type NodeMode = (typeof nodeModes)[number];
export type PortReference = z.infer<typeof portReferenceSchema>;
export type WorkflowNode = z.infer<typeof workflowNodeSchema>;
export type WorkflowLink = z.infer<typeof workflowLinkSchema>;
export type WorkflowFrame = z.infer<typeof workflowFrameSchema>;
export type WorkflowDocument = z.infer<typeof workflowDocumentSchema>;
