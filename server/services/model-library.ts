import { createHash } from "node:crypto";
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { HeddleError } from "../../common/errors.ts";
import type { ModelKind } from "../../graph/definition.ts";
import type { ModelLibrary, ResolvedModel } from "../../nodes/services.ts";
import { scanModels } from "../library/model-list.ts";
import type { ModelRoot } from "../models/model-roots.ts";
import { folderForKind, isOnnxKind, modelKindLabels, shortModelName, usualFolders } from "./model-folders.ts";

const STARTER_PREFIX = "starter/";
/** A checkpoint folder has about 20 files, in folders of one level. */
const MAX_FILES = 2_000;
const MAX_DEPTH = 3;

export interface ModelLibraryOptions {
  /** Where models are looked for, in this order; asked each time, since folders are added while Heddle runs. */
  roots(): readonly ModelRoot[];
  /** The program's own files. */
  resources: string;
  /** Told of each model that a workflow uses. */
  onUse?(real: string): void;
}

/**
 * Finds models by the names that workflows give: paths below a models folder (`my-model`, `loras/style.safetensors`),
 * or `starter/...` for what Heddle comes with. A name can reach nothing else. A name that is no path of this machine's
 * finds the one model whose file is called so, since workflows travel between machines with other folders.
 */
export function createModelLibrary({ roots, resources, onUse }: ModelLibraryOptions): ModelLibrary {
  const starter = path.join(resources, "starter-model");

  async function place(kind: ModelKind, name: string): Promise<string | undefined> {
    const parts = splitName(name);
    if (name.startsWith(STARTER_PREFIX)) return find(starter, parts.slice(1));
    // ONNX models are run as they are: only from folders that somebody put them into for that.
    const ownParts = isOnnxKind(kind) ? splitName(shortModelName(kind, name)) : parts;
    for (const start of searchedFolders(roots(), kind)) {
      const found = await find(start, ownParts);
      if (found !== undefined) return found;
    }
    return findByFileName(kind, parts.at(-1) ?? "");
  }

  async function findByFileName(kind: ModelKind, fileName: string): Promise<string | undefined> {
    if (!/\.\w+$/.test(fileName)) return undefined;
    const wanted = fileName.toLowerCase();
    const models = await scanModels({ roots: roots(), starter: undefined }, kind);
    const matching = models.filter((model) => path.basename(model.path).toLowerCase() === wanted);
    const [only] = matching;
    // Two of the same name may be different models: the person says which.
    return only && matching.length === 1 ? realpath(only.path).catch(() => undefined) : undefined;
  }

  return {
    async resolve(kind, name) {
      const real = await place(kind, name);
      if (real !== undefined) {
        onUse?.(real);
        return { path: real, identity: await identityOf(real) } satisfies ResolvedModel;
      }
      const folders = roots().map((root) => root.path);
      const folder = path.join(folders[0] ?? "", isOnnxKind(kind) ? folderForKind[kind] : "");
      const isStarter = name.startsWith(STARTER_PREFIX);
      throw new HeddleError({
        code: "model-not-found",
        message: `There is no ${modelKindLabels[kind]} "${name}" on this machine.`,
        help: isStarter
          ? "Choose one from the list; the starter model has starter/turbo and starter/base."
          : `Choose another one from the list, get it in the model manager, or put it into ${folder}.`,
        details: { name, folders, folder, cause: isStarter ? "starter" : kind },
      });
    },
  };
}

/** The folders in which a name of that kind is a path. */
export function searchedFolders(roots: readonly ModelRoot[], kind: ModelKind): string[] {
  return roots.flatMap((root) => {
    if (root.kind !== undefined) return root.kind === kind ? [root.path] : [];
    // ComfyUI's models folder keeps each kind in folders of its own, and its workflows leave them out.
    const ownFolders = usualFolders(kind).map((folder) => path.join(root.path, folder));
    return isOnnxKind(kind) ? ownFolders : [root.path, ...ownFolders];
  });
}

/** The parts of a name, none of which can lead upwards or to another drive. */
function splitName(name: string): string[] {
  const parts = name.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".." || /[\\:\0]/.test(part))) throw outside(name);
  return parts;
}

/**
 * Links are followed: hub caches and shared folders are full of them, and only the owner of the folder can put one there,
 * never a workflow.
 */
function find(root: string, parts: string[]): Promise<string | undefined> {
  return realpath(path.join(root, ...parts)).catch(() => undefined);
}

/** Hash over path, size and modification time of all files: cheap, and different after any usual change. */
async function identityOf(root: string): Promise<string> {
  const hash = createHash("sha256");
  const files = await filesBelow(root, MAX_DEPTH);
  for (const file of files.sort().slice(0, MAX_FILES)) {
    const { size, mtimeMs } = await stat(file);
    hash.update(`${path.relative(root, file)}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

async function filesBelow(entry: string, depth: number): Promise<string[]> {
  if (!(await stat(entry)).isDirectory()) return [entry];
  if (depth === 0) return [];
  const children = await readdir(entry);
  const nested = await Promise.all(children.map((child) => filesBelow(path.join(entry, child), depth - 1)));
  return nested.flat();
}

function outside(name: string): HeddleError {
  return new HeddleError({
    code: "model-outside-folders",
    message: `The model "${name}" lies outside the models folders.`,
    help: "Workflows can only name what is inside a models folder. Add the folder that holds it in the model manager, and choose it from the list.",
    details: { name },
  });
}
