import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import type { SafetensorsFile } from "../weights/safetensors.ts";
import { parseJson } from "../weights/weight-set.ts";
import type { LoraMetadata } from "./lora-types.ts";

/** Alpha as PEFT keeps it, in a config instead of in tensors. */
export interface PeftConfig {
  readonly alpha: number;
  /** Alpha of single modules, by the end of their name. */
  readonly alphaPattern: Readonly<Record<string, number>>;
  /** Scale is alpha / sqrt(rank) instead of alpha / rank. */
  readonly rankStabilised: boolean;
}

const peftSchema = z.object({
  lora_alpha: z.number(),
  alpha_pattern: z.record(z.string(), z.number()).catch({}),
  use_rslora: z.boolean().catch(false),
});
const objectSchema = z.record(z.string(), z.unknown());
const tagFrequencySchema = z.record(z.string(), z.record(z.string(), z.number()));

/**
 * PEFT's config of one part ("transformer", "text_encoder"): diffusers writes it into the file's metadata, PEFT itself
 * into adapter_config.json beside adapter_model.safetensors.
 */
export async function peftConfig(file: SafetensorsFile, part: string): Promise<PeftConfig | undefined> {
  const embedded = objectSchema.safeParse(parseJson(file.metadata.lora_adapter_metadata ?? ""));
  const entries = embedded.success ? Object.entries(embedded.data) : [];
  const own = entries
    .filter(([key]) => key.startsWith(`${part}.`))
    .map(([key, value]) => [key.slice(part.length + 1), value]);
  const config = own.length > 0 ? Object.fromEntries(own) : await configBeside(file.path);
  const parsed = peftSchema.safeParse(config);
  if (!parsed.success) return undefined;
  const { lora_alpha: alpha, alpha_pattern: alphaPattern, use_rslora: rankStabilised } = parsed.data;
  return { alpha, alphaPattern, rankStabilised };
}

async function configBeside(path: string): Promise<unknown> {
  if (basename(path) !== "adapter_model.safetensors") return undefined;
  return parseJson(await readFile(join(dirname(path), "adapter_config.json"), "utf8").catch(() => ""));
}

/** What trainers and tools write about a LoRA; every field may be absent, and none is needed to apply it. */
export function describeMetadata(metadata: Readonly<Record<string, string>>): Omit<LoraMetadata, "rank" | "alpha"> {
  const first = (...keys: string[]) => keys.map((key) => metadata[key]?.trim()).find((value) => value);
  const title = first("modelspec.title", "ss_output_name", "name");
  const baseModel = first("modelspec.architecture", "ss_base_model_version", "base_model", "ss_sd_model_name");
  const stated = first(
    "modelspec.trigger_phrase",
    "trigger_words",
    "trigger_word",
    "activation_text",
    "instance_prompt",
  );
  return {
    ...(title !== undefined && { title }),
    ...(baseModel !== undefined && { baseModel }),
    triggerWords: stated === undefined ? [] : stated.split(/\s*,\s*/).filter((word) => word !== ""),
    frequentTags: frequentTags(metadata.ss_tag_frequency ?? ""),
  };
}

function frequentTags(json: string): string[] {
  const parsed = tagFrequencySchema.safeParse(parseJson(json));
  if (!parsed.success) return [];
  const counts = new Map<string, number>();
  for (const tags of Object.values(parsed.data)) {
    for (const [tag, count] of Object.entries(tags)) counts.set(tag.trim(), (counts.get(tag.trim()) ?? 0) + count);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 12)
    .map(([tag]) => tag);
}
