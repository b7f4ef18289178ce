import { createHash } from "node:crypto";
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { HeddleError } from "../../common/errors.ts";
import type { ModelLibrary, ResolvedModel } from "../../nodes/services.ts";
import type { HeddleFolders } from "./home.ts";
import { modelKindLabels, usualFolders } from "./model-folders.ts";

const STARTER_PREFIX = "starter/";
/** A checkpoint folder has about 20 files, in folders of one level. */
const MAX_FILES = 2_000;
const MAX_DEPTH = 3;

/**
 * Finds models by the names that workflows give: paths below a models folder (`my-model`, `loras/style.safetensors`),
 * or `starter/...` for what Heddle comes with. A name can reach nothing else.
 */
export function createModelLibrary(folders: Pick<HeddleFolders, "models" | "resources">): ModelLibrary {
  const starter = path.join(folders.resources, "starter-model");
  return {
    async resolve(kind, name) {
      const parts = splitName(name);
      if (name.startsWith(STARTER_PREFIX)) {
        const found = await find(starter, parts.slice(1));
        if (found) return found;
      } else {
        for (const root of folders.models) {
          // ComfyUI's models folder keeps each kind in folders of its own, and its workflows leave them out.
          for (const start of [root, ...usualFolders(kind).map((folder) => path.join(root, folder))]) {
            const found = await find(start, parts);
            if (found) return found;
          }
        }
      }
      throw new HeddleError({
        code: "model-not-found",
        message: `There is no ${modelKindLabels[kind]} "${name}" on this machine.`,
        help: name.startsWith(STARTER_PREFIX)
          ? "Choose one from the list; the starter model has starter/turbo and starter/base."
          : `Put it into ${folders.models[0]}, or choose another one from the list.`,
        details: { name, folders: [...folders.models] },
      });
    },
  };
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
async function find(root: string, parts: string[]): Promise<ResolvedModel | undefined> {
  const real = await realpath(path.join(root, ...parts)).catch(() => undefined);
  return real === undefined ? undefined : { path: real, identity: await identityOf(real) };
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
    help: "Workflows can only name what is inside a models folder. Add the folder that holds it to HEDDLE_MODELS, and choose it from the list.",
    details: { name },
  });
}
