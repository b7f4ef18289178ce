import { z } from "zod";
import type { Embedded } from "../../graph/embedding/embedded.ts";
import { parseParametersText } from "../../graph/importers/a1111.ts";
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
const heddleSchema = z.object({
  format: z.literal("heddle-workflow"),
  nodes: z.array(
    z.looseObject({
      type: z.string(),
      mode: z.string().optional(),
      params: z.record(z.string(), z.json()).optional(),
    }),
  ),
});
/** ComfyUI's API format: nodes by id. */
const comfySchema = z.record(z.string(), z.looseObject({ inputs: z.record(z.string(), z.unknown()) }));

const MODEL_KINDS = new Set(["checkpoint", "diffusionModel"]);
const COMFY_MODELS = new Set(["ckpt_name", "unet_name"]);
const COMFY_LORAS = /^lora(_name|_\d+)?$/;
const LORA_TAG = /<lora:([^:>]+)(?::[^>]*)?>/g;

/** Reads the settings as text first, and models and LoRAs from the workflow, which knows them by their full names. */
export function describePicture({ parameters, workflow, prompt }: Embedded): PictureFacts {
  const text = parseParametersText(parameters ?? "");
  const seed = /(?:^|[\n,] ?)Seed: (\d{1,19})(?:,|$)/m.exec(parameters ?? "")?.[1];
  const used = usedByHeddle(workflow) ?? usedByComfy(prompt);
  const models = used?.models ?? [];
  const loras = used?.loras ?? [];
  const model = text?.settings.get("Model");
  if (model && models.length === 0) models.push(model);
  for (const [, name] of (text?.prompt ?? "").matchAll(LORA_TAG)) if (name && loras.length === 0) loras.push(name);
  return {
    prompt: text?.prompt ?? used?.prompt ?? "",
    negativePrompt: text?.negativePrompt ?? "",
    seed,
    models: [...new Set(models)],
    loras: [...new Set(loras)],
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
  for (const { type, mode, params = {} } of data.nodes) {
    if (mode !== undefined && mode !== "active") continue;
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
