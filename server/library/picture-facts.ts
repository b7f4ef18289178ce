import { z } from "zod";
import { nodeModes, WORKFLOW_FORMAT, WORKFLOW_VERSION, type WorkflowNode } from "../../graph/document.ts";
import type { Embedded } from "../../graph/embedding/embedded.ts";
import { parseParametersText } from "../../graph/importers/a1111.ts";
import { flattenWorkflow } from "../../graph/subgraphs/flatten.ts";
import { parseLoras } from "../../graph/values.ts";
import { findDefinition } from "../../nodes/definitions.ts";

/** What a picture's own metadata says of how it was made; empty where it says nothing. */
export interface PictureFacts {
  prompt: string;
  negativePrompt: string;
  /** Decimal. */
  seed: string | undefined;
  models: string[];
  loras: string[];
}

/** Of a workflow only what is looked at here: a picture of a later version of Heddle is found by its models too. */
const nodesSchema = z.array(
  z.object({
    id: z.string().default(""),
    type: z.string(),
    mode: z.enum(nodeModes).catch("active"),
    params: z.record(z.string(), z.json()).default({}),
  }),
);
const heddleSchema = z.object({
  format: z.literal("heddle-workflow"),
  nodes: nodesSchema,
  subgraphs: z
    .array(
      z.object({
        id: z.string(),
        nodes: nodesSchema,
        params: z.array(z.object({ name: z.string(), node: z.string(), param: z.string() })).default([]),
      }),
    )
    .optional(),
});
/** ComfyUI's API format: nodes by id. */
const comfySchema = z.record(z.string(), z.looseObject({ inputs: z.record(z.string(), z.unknown()) }));

const MODEL_KINDS = new Set(["checkpoint", "diffusionModel"]);
const COMFY_MODELS = new Set(["ckpt_name", "unet_name"]);
const COMFY_LORAS = /^lora(_name|_\d+)?$/;
const LORA_TAG = /<lora:([^:<>]{1,500})(?::[^<>]{0,200})?>/g;

/** Reads the settings as text first, and models and LoRAs from the workflow, which knows them by their full names. */
export function describePicture({ parameters, workflow, prompt }: Embedded): PictureFacts {
  const text = parseParametersText(parameters ?? "");
  const seed = /(?:^|[\n,] ?)Seed: (\d{1,19})(?:,|$)/m.exec(parameters ?? "")?.[1];
  const used = usedByHeddle(workflow) ?? usedByComfy(prompt);
  const models = used?.models ?? [];
  const loras = used?.loras ?? [];
  const model = text?.settings.get("Model");
  if (model && models.length === 0) models.push(model);
  const tags = [...(text?.prompt ?? "").matchAll(LORA_TAG)].flatMap(([, name]) => name ?? []);
  return {
    prompt: text?.prompt ?? used?.prompt ?? "",
    negativePrompt: text?.negativePrompt ?? "",
    seed,
    models: [...new Set(models)],
    loras: [...new Set(loras.length > 0 ? loras : tags)],
  };
}

interface Used {
  models: string[];
  loras: string[];
  prompt?: string;
}

function usedByHeddle(json: string | undefined): Used | undefined {
  const { data } = heddleSchema.safeParse(parseJson(json));
  if (!data) return undefined;
  const used: Used = { models: [], loras: [] };
  for (const { type, mode, params } of openedNodes(data)) {
    if (mode !== "active") continue;
    for (const param of findDefinition(type)?.params ?? []) {
      const value = params[param.name] ?? param.default;
      if (param.kind === "model" && typeof value === "string" && value !== "") {
        if (MODEL_KINDS.has(param.modelKind)) used.models.push(value);
        if (param.modelKind === "lora" && params.enabled !== false && params.weight !== 0) used.loras.push(value);
      }
      if (param.kind === "loras") {
        for (const lora of parseLoras(value) ?? []) if (lora.enabled && lora.name) used.loras.push(lora.name);
      }
      if (type === "prompt" && param.name === "text" && typeof value === "string") used.prompt ??= value;
    }
  }
  return used;
}

/** The nodes of a workflow and of the subgraphs in use, with the values that these uses set. */
function openedNodes({ nodes, subgraphs = [] }: z.infer<typeof heddleSchema>): readonly WorkflowNode[] {
  const nowhere = { typeVersion: 1, position: { x: 0, y: 0 } };
  const asNodes = (list: typeof nodes): WorkflowNode[] => list.map((node) => ({ ...nowhere, ...node }) as WorkflowNode);
  const graph = { format: WORKFLOW_FORMAT, version: WORKFLOW_VERSION, title: "", links: [] } as const;
  const inside = subgraphs.map((subgraph) => ({
    ...{ title: "", inputs: [], outputs: [], links: [] },
    ...subgraph,
    nodes: asNodes(subgraph.nodes),
  }));
  return flattenWorkflow({ ...graph, links: [], nodes: asNodes(nodes), subgraphs: inside }).document.nodes;
}

function usedByComfy(json: string | undefined): Used | undefined {
  const { data } = comfySchema.safeParse(parseJson(json));
  if (!data) return undefined;
  const used: Used = { models: [], loras: [] };
  for (const { inputs } of Object.values(data)) {
    for (const [name, value] of Object.entries(inputs)) {
      if (typeof value !== "string") continue;
      if (COMFY_MODELS.has(name)) used.models.push(value.replaceAll("\\", "/"));
      if (COMFY_LORAS.test(name) && value !== "None") used.loras.push(value.replaceAll("\\", "/"));
      if (name === "text") used.prompt ??= value;
    }
  }
  return used;
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
