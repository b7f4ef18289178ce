import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import type { ModelKind } from "../../graph/definition.ts";
import type { ModelEntry } from "../../protocol/contract.ts";
import type { ModelRoot } from "../models/model-roots.ts";
import { isOnnxKind, modelKindLabels, modelKindOfFolder, shortModelName } from "../services/model-folders.ts";

const MAX_DEPTH = 4;
const MAX_ENTRIES = 5_000;

const modelIndexSchema = z.looseObject({ _class_name: z.string() });
const cardSchema = z.looseObject({ title: z.string().optional() });

/** A model of the list, and where it lies. */
export interface ScannedModel extends ModelEntry {
  /** Absolute: a file, or the folder of a checkpoint or of a part of one. */
  path: string;
  /** The folder that a person added (or Heddle's own) in which it was found. */
  source: string;
}

export interface ScannedFolders {
  roots: readonly ModelRoot[];
  /** The folder of the starter model, when it is to be listed. */
  starter: string | undefined;
}

export async function listModels(folders: ScannedFolders, kind?: ModelEntry["kind"]): Promise<ModelEntry[]> {
  return (await scanModels(folders, kind)).map(({ path: _path, source: _source, ...entry }) => entry);
}

/**
 * What the models folders offer, by looking at names only: a folder with a `model_index.json` is a checkpoint, and the
 * folder that a weight file lies in tells what it is. What is really in a file shows when it is opened.
 */
export async function scanModels(
  { roots, starter }: ScannedFolders,
  kind?: ModelEntry["kind"],
): Promise<ScannedModel[]> {
  const builtIn = starter === undefined ? [] : await entriesBelow({ path: starter, source: "" }, "starter/", true);
  const found = new Map(builtIn.map((entry) => [keyOf(entry), entry]));
  const shortNames = new Set<string>();
  for (const root of roots) {
    const entries = await entriesBelow(root, "", false);
    for (const entry of entries) {
      // The folder that is searched first wins, here as when a workflow runs.
      const isHidden = root.kind !== undefined && shortNames.has(`${entry.kind}\0${entry.shortName}`);
      if (!found.has(keyOf(entry)) && !isHidden) found.set(keyOf(entry), entry);
    }
    for (const entry of entries) shortNames.add(`${entry.kind}\0${entry.shortName}`);
  }
  return [...found.values()].filter((entry) => kind === undefined || entry.kind === kind);
}

/** A folder that holds one kind only may have a name that another kind has too. */
const keyOf = ({ kind, name }: ModelEntry) => `${kind}\0${name}`;

async function entriesBelow(root: ModelRoot, prefix: string, builtIn: boolean): Promise<ScannedModel[]> {
  const entries: ScannedModel[] = [];
  const add = (entry: Omit<ScannedModel, "source" | "builtIn" | "shortName">) => {
    const shortName = root.kind === undefined ? shortModelName(entry.kind, entry.name) : entry.name;
    entries.push({ ...entry, shortName, builtIn, source: root.source });
  };

  async function visit(parts: readonly string[], kind: ModelKind): Promise<void> {
    if (parts.length > MAX_DEPTH || entries.length >= MAX_ENTRIES) return;
    const folder = join(root.path, ...parts);
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
      add({ name, label, kind: "checkpoint", description, sizeBytes, path: folder });
      for (const child of children) {
        const part = partKinds[child.name];
        const path = join(folder, child.name);
        const partBytes = part === undefined ? 0 : await sizeBelow(path);
        if (part === undefined || partBytes === 0) continue;
        add({
          name: `${name}/${child.name}`,
          label: `${label}, ${modelKindLabels[part]}`,
          kind: part,
          description: `${sentenceCase(modelKindLabels[part])}, diffusers folder`,
          sizeBytes: partBytes,
          path,
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
        await visit([...parts, child.name], root.kind ?? modelKindOfFolder(child.name) ?? kind);
      } else if (target?.isFile()) {
        const format = formats(kind).find((extension) => child.name.toLowerCase().endsWith(`.${extension}`));
        if (format === undefined) continue;
        add({
          name: prefix + [...parts, child.name].join("/"),
          label: child.name.slice(0, -format.length - 1),
          kind,
          description: `${sentenceCase(modelKindLabels[kind])}, ${formatNames[format]}`,
          sizeBytes: (await stat(path).catch(() => undefined))?.size ?? 0,
          path,
        });
      }
    }
  }

  await visit([], root.kind ?? "checkpoint");
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
  if (isOnnxKind(kind)) return ["onnx"];
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
