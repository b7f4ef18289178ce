import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import type { ModelKind } from "../../graph/definition.ts";
import type { ModelEntry } from "../../protocol/contract.ts";
import { modelKindLabels, modelKindOfFolder } from "../services/model-folders.ts";

const MAX_DEPTH = 4;
const MAX_ENTRIES = 5_000;

const modelIndexSchema = z.looseObject({ _class_name: z.string() });
const cardSchema = z.looseObject({ title: z.string().optional() });

/**
 * What the models folders offer, by looking at names only: a folder with a `model_index.json` is a checkpoint, and the
 * folder that a weight file lies in tells what it is. What is really in a file shows when it is opened.
 */
export async function listModels(
  folders: { models: readonly string[]; starter: string },
  kind?: ModelEntry["kind"],
): Promise<ModelEntry[]> {
  const builtIn = await entriesBelow(folders.starter, "starter/", true);
  const found = new Map(builtIn.map((entry) => [entry.name, entry]));
  for (const folder of folders.models) {
    // The folder that is searched first wins, here as when a workflow runs.
    for (const entry of await entriesBelow(folder, "", false)) if (!found.has(entry.name)) found.set(entry.name, entry);
  }
  return [...found.values()].filter((entry) => kind === undefined || entry.kind === kind);
}

async function entriesBelow(root: string, prefix: string, builtIn: boolean): Promise<ModelEntry[]> {
  const entries: ModelEntry[] = [];

  async function visit(parts: readonly string[], kind: ModelKind): Promise<void> {
    if (parts.length > MAX_DEPTH || entries.length >= MAX_ENTRIES) return;
    const folder = join(root, ...parts);
    const children = (await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => [])).sort((a, b) =>
      a.name.localeCompare(b.name),
    );
    const index =
      children.some((child) => child.name === "model_index.json") &&
      (await readJson(join(folder, "model_index.json"), modelIndexSchema));
    if (index) {
      const card = await readJson(join(folder, "heddle.json"), cardSchema);
      const name = prefix + parts.join("/");
      const label = card?.title ?? basename(folder);
      const description =
        index._class_name === "ZImagePipeline" ? "Z-Image, diffusers folder" : `${index._class_name}, diffusers folder`;
      const sizeBytes = await sizeBelow(folder);
      entries.push({
        name,
        label,
        kind: "checkpoint",
        description,
        builtIn,
        sizeBytes,
      });
      for (const child of children) {
        const part = partKinds[child.name];
        const partBytes = part === undefined ? 0 : await sizeBelow(join(folder, child.name));
        if (part === undefined || partBytes === 0) continue;
        entries.push({
          name: `${name}/${child.name}`,
          label: `${label}, ${modelKindLabels[part]}`,
          kind: part,
          description: `${sentenceCase(modelKindLabels[part])}, diffusers folder`,
          builtIn,
          sizeBytes: partBytes,
        });
      }
      return;
    }
    for (const child of children) {
      if (child.name.startsWith(".")) continue;
      const path = join(folder, child.name);
      // Hub caches and shared model folders are full of links.
      const target = child.isSymbolicLink() ? await stat(path).catch(() => undefined) : child;
      if (target?.isDirectory()) {
        await visit([...parts, child.name], modelKindOfFolder(child.name) ?? kind);
      } else if (target?.isFile()) {
        const format = formats(kind).find((extension) => child.name.toLowerCase().endsWith(`.${extension}`));
        if (format === undefined) continue;
        entries.push({
          name: prefix + [...parts, child.name].join("/"),
          label: child.name.slice(0, -format.length - 1),
          kind,
          description: `${sentenceCase(modelKindLabels[kind])}, ${formatNames[format]}`,
          builtIn,
          sizeBytes: (await stat(path)).size,
        });
      }
    }
  }

  await visit([], "checkpoint");
  return entries;
}

/** Parts of a diffusers folder, which can be loaded by themselves too. */
const partKinds: Readonly<Record<string, ModelKind>> = {
  transformer: "diffusionModel",
  text_encoder: "textEncoder",
  vae: "vae",
};

const formatNames = { safetensors: "safetensors", gguf: "GGUF", onnx: "ONNX" } as const;

/** Endings of the files that hold such models. */
function formats(kind: ModelKind): (keyof typeof formatNames)[] {
  if (kind === "onnx") return ["onnx"];
  if (kind === "upscaler") return ["safetensors", "onnx"];
  return kind === "lora" || kind === "controlNet" ? ["safetensors"] : ["safetensors", "gguf"];
}

const sentenceCase = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

async function sizeBelow(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((file) => /\.(safetensors|gguf)$/i.test(file.name))
    .map(async (file) => (await stat(join(file.parentPath, file.name)).catch(() => undefined))?.size ?? 0);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}
