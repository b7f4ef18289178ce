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

/** A socket of a subgraph; `type` is a port type, anything else counts as `any`. */
export const subgraphPortSchema = z.looseObject({
  /** Unique on its side; links name it. */
  name: z.string().min(1).max(200),
  label: z.string().max(500).optional(),
  type: z.string().min(1).max(50),
});

/** A param that each use of a subgraph sets for itself: it stands for a param of one of the nodes inside. */
export const subgraphParamSchema = z.looseObject({
  name: z.string().min(1).max(200),
  label: z.string().max(500).optional(),
  description: z.string().max(2_000).optional(),
  node: id,
  param: z.string().min(1).max(200),
});

/**
 * A graph that nodes of the type `subgraph/<id>` stand for. What goes in and out passes its two boundary nodes
 * (`subgraphs/boundary.ts`), whose sockets are `inputs` and `outputs`.
 */
export const subgraphSchema = z.looseObject({
  id,
  title: z.string().max(500).default("Subgraph"),
  description: z.string().max(20_000).optional(),
  inputs: z.array(subgraphPortSchema).max(500).default([]),
  outputs: z.array(subgraphPortSchema).max(500).default([]),
  params: z.array(subgraphParamSchema).max(500).default([]),
  nodes: z.array(workflowNodeSchema).max(20_000),
  links: z.array(workflowLinkSchema).max(100_000),
  frames: z.array(workflowFrameSchema).max(5_000).optional(),
  view: z.looseObject({ x: z.number(), y: z.number(), zoom: z.number().positive() }).optional(),
});

/** A param that the form of a workflow shows and callers of its endpoint may give; in the order in which they are shown. */
export const exposedParamSchema = z.looseObject({
  node: id,
  param: z.string().min(1).max(200),
  /** What callers name it; `node.param` without. */
  name: z.string().min(1).max(100).optional(),
  /** What people read; the param's own label without. */
  label: z.string().max(500).optional(),
  description: z.string().max(2_000).optional(),
  /** Params of the same group stand together under this heading. */
  group: z.string().max(200).optional(),
});

/** One param and the values that it takes, one after the other. */
export const sweepAxisSchema = z.looseObject({
  node: id,
  param: z.string().min(1).max(200),
  values: z.array(jsonValue).min(1).max(1_000),
});

/** A matrix of runs: every combination of the axes' values, or the first of each, the second of each and so on. */
export const sweepSchema = z.looseObject({
  axes: z.array(sweepAxisSchema).max(4),
  combine: z.enum(["all", "pairs"]).default("all"),
});

/** What is known of a model that nodes name, so that another machine can find the same file or fetch it. */
export const workflowModelSchema = z.looseObject({
  /** As {@link ModelKind}; a newer Heddle may know others. */
  kind: z.string().min(1).max(50),
  /** As the nodes name it. */
  name: z.string().min(1).max(1_000),
  /** Of the file's content, in lower case hex. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  sizeBytes: z.number().min(0).optional(),
  /** On the Hugging Face hub: `owner/name`, and the path of the file in it. */
  repository: z.string().max(200).optional(),
  file: z.string().max(1_000).optional(),
  revision: z.string().max(200).optional(),
  /** Any other place. */
  url: z.string().max(4_000).optional(),
  licence: z.string().max(200).optional(),
});

/** What holds for all nodes of a workflow that do not say otherwise. */
export const workflowSettingsSchema = z.looseObject({
  /** Whether Safety Check nodes look at pictures; as Heddle is set without. */
  safetyCheck: z.boolean().optional(),
});

export const workflowDocumentSchema = z.looseObject({
  $schema: z.string().optional(),
  format: z.literal(WORKFLOW_FORMAT),
  version: z.literal(WORKFLOW_VERSION),
  /** Which workflow this is: by it a host finds the pictures that were made of it. Copies have the same; absent in files of before. */
  id: id.optional(),
  title: z.string().max(500).default("Untitled"),
  description: z.string().max(20_000).optional(),
  nodes: z.array(workflowNodeSchema).max(20_000),
  links: z.array(workflowLinkSchema).max(100_000),
  frames: z.array(workflowFrameSchema).max(5_000).optional(),
  view: z.looseObject({ x: z.number(), y: z.number(), zoom: z.number().positive() }).optional(),
  subgraphs: z.array(subgraphSchema).max(1_000).optional(),
  exposed: z.array(exposedParamSchema).max(1_000).optional(),
  sweep: sweepSchema.optional(),
  settings: workflowSettingsSchema.optional(),
  models: z.array(workflowModelSchema).max(2_000).optional(),
});

export type NodeMode = (typeof nodeModes)[number];
export type PortReference = z.infer<typeof portReferenceSchema>;
export type WorkflowNode = z.infer<typeof workflowNodeSchema>;
export type WorkflowLink = z.infer<typeof workflowLinkSchema>;
export type WorkflowFrame = z.infer<typeof workflowFrameSchema>;
export type WorkflowDocument = z.infer<typeof workflowDocumentSchema>;
export type SubgraphPort = z.infer<typeof subgraphPortSchema>;
export type SubgraphParam = z.infer<typeof subgraphParamSchema>;
export type Subgraph = z.infer<typeof subgraphSchema>;
export type ExposedParam = z.infer<typeof exposedParamSchema>;
export type SweepAxis = z.infer<typeof sweepAxisSchema>;
export type Sweep = z.infer<typeof sweepSchema>;
export type WorkflowModel = z.infer<typeof workflowModelSchema>;
