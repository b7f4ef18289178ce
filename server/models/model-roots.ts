import { readFileSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { type ErrorPayload, HeddleError } from "../../common/errors.ts";
import type { ModelKind } from "../../graph/definition.ts";
import { writeJsonFile } from "../services/atomic-file.ts";
import { fileErrorCause, fileErrorReason } from "../services/file-errors.ts";
import type { HeddleFolders } from "../services/home.ts";
import { extraModelPaths } from "./extra-model-paths.ts";

/** A folder in which models are looked for. */
export interface ModelRoot {
  /** Absolute. */
  path: string;
  /** Everything in it is of this kind, as in the folders that `extra_model_paths.yaml` names; else its sub-folders tell. */
  kind?: ModelKind;
  /** The folder that a person added, or Heddle's own: what the manager shows it under. */
  source: string;
}

/** A folder that a person added, and what it turned out to be. */
export interface AddedFolder {
  path: string;
  program: "folder" | "comfyui" | "forge" | "yaml";
  /** Why nothing can be read there at present. */
  problem?: ErrorPayload;
  /** Heddle's own folders and those of `HEDDLE_MODELS` cannot be removed here. */
  fixed: boolean;
}

const fileSchema = z.object({ version: z.literal(1), folders: z.array(z.string()).max(100) });

/** What a person added to the models folders, in `<home>/model-folders.json`. */
export class ModelRoots {
  readonly #folders: Pick<HeddleFolders, "home" | "models">;
  readonly #file: string;
  #cached: { key: string; roots: readonly ModelRoot[] } | undefined;

  constructor(folders: Pick<HeddleFolders, "home" | "models">) {
    this.#folders = folders;
    this.#file = path.join(folders.home, "model-folders.json");
  }

  /** Where new models go. */
  get main(): string {
    return this.#folders.models[0] ?? path.join(this.#folders.home, "models");
  }

  /** All folders, in the order in which they are searched. Read anew when a file that says so has changed. */
  roots(): readonly ModelRoot[] {
    const others = [...this.#folders.models.slice(1), ...this.#added()];
    const key = JSON.stringify([this.main, others.map((folder) => [folder, ...stampsOf(folder)])]);
    if (this.#cached?.key === key) return this.#cached.roots;
    const roots = [
      { path: this.main, source: this.main },
      ...others.flatMap((folder) => recogniseFolder(folder).roots),
    ];
    const seen = new Set<string>();
    const unique = roots.filter((root) => {
      const id = `${root.kind ?? ""}\0${root.path}`;
      return !seen.has(id) && seen.add(id);
    });
    this.#cached = { key, roots: unique };
    return unique;
  }

  list(): AddedFolder[] {
    const fixed = (folder: string): AddedFolder => ({ ...describe(folder), fixed: true });
    return [
      { path: this.main, program: "folder", fixed: true },
      ...this.#folders.models.slice(1).map(fixed),
      ...this.#added().map((folder) => ({ ...describe(folder), fixed: false })),
    ];
  }

  /**
   * @param folder absolute, or beginning with `~`
   * @throws HeddleError `folder-not-absolute`, `folder-unreadable`, `folder-known`, `extra-paths-unreadable`
   */
  async add(folder: string): Promise<AddedFolder> {
    const full = fullPath(folder);
    const found = await stat(full).catch((cause: unknown) => {
      throw new HeddleError(
        {
          code: "folder-unreadable",
          message: `"${full}" cannot be read, because ${fileErrorReason(cause)}.`,
          help: "Check the path, and that you may read the folder.",
          field: "path",
          details: { path: full, cause: fileErrorCause(cause), why: fileErrorReason(cause) },
        },
        { cause },
      );
    });
    if (!found.isDirectory() && !isYaml(full)) {
      throw new HeddleError({
        code: "folder-unreadable",
        message: `"${full}" is a file, not a folder.`,
        help: "Name the folder with the models, a ComfyUI or Forge installation, or its extra_model_paths.yaml.",
        field: "path",
        details: { path: full, cause: "file" },
      });
    }
    const known = [...this.#folders.models, ...this.#added()];
    if (known.includes(full)) {
      throw new HeddleError({
        code: "folder-known",
        message: `"${full}" is in the list already.`,
        help: "Its models are shown with the others.",
        field: "path",
        details: { path: full },
      });
    }
    if (isYaml(full)) extraModelPaths(full);
    this.#write([...this.#added(), full]);
    return { ...describe(full), fixed: false };
  }

  /** Forgets the folder; nothing in it is touched. */
  remove(folder: string): boolean {
    const added = this.#added();
    const rest = added.filter((one) => one !== folder);
    if (rest.length === added.length) return false;
    this.#write(rest);
    return true;
  }

  #write(folders: string[]): void {
    writeJsonFile(this.#file, { version: 1, folders });
  }

  #added(): string[] {
    try {
      return fileSchema.parse(JSON.parse(readFileSync(this.#file, "utf8"))).folders;
    } catch {
      return [];
    }
  }
}

function fullPath(folder: string): string {
  const text = folder.trim().replace(/^"(.*)"$/, "$1");
  const home = /^~(?=$|[\\/])/.test(text) ? path.join(homedir(), text.slice(1)) : text;
  if (path.isAbsolute(home)) return path.resolve(home);
  throw new HeddleError({
    code: "folder-not-absolute",
    message: `"${folder}" is not a whole path.`,
    help: "Give the path from its beginning, as your file manager shows it.",
    field: "path",
    details: { path: folder },
  });
}

interface Expanded {
  program: AddedFolder["program"];
  roots: ModelRoot[];
  problem?: ErrorPayload;
}

/** What a folder holds: models, or an installation of another program with its models and further folders. */
export function recogniseFolder(folder: string): Expanded {
  if (isYaml(folder)) return withExtraPaths({ program: "yaml", roots: [] }, folder, folder);
  // ComfyUI's portable package has the installation one level further down.
  for (const place of [folder, path.join(folder, "ComfyUI")]) {
    const models = path.join(place, "models");
    if (!isFolder(models)) continue;
    const isComfy = isFolder(path.join(place, "comfy")) || exists(path.join(place, "extra_model_paths.yaml.example"));
    const isForge = exists(path.join(place, "webui.py")) || isFolder(path.join(place, "modules_forge"));
    const yaml = path.join(place, "extra_model_paths.yaml");
    if (!isComfy && !isForge && !exists(yaml)) continue;
    const found: Expanded = {
      program: isForge ? "forge" : "comfyui",
      roots: [{ path: models, source: folder }],
    };
    return exists(yaml) ? withExtraPaths(found, yaml, folder) : found;
  }
  return { program: "folder", roots: [{ path: folder, source: folder }] };
}

function withExtraPaths(found: Expanded, yaml: string, source: string): Expanded {
  try {
    return { ...found, roots: [...found.roots, ...extraModelPaths(yaml).map((root) => ({ ...root, source }))] };
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    return { ...found, problem: error.toPayload() };
  }
}

function describe(folder: string): Omit<AddedFolder, "fixed"> {
  const { program, problem } = recogniseFolder(folder);
  const missing = exists(folder) ? problem : gone(folder);
  return { path: folder, program, ...(missing === undefined ? {} : { problem: missing }) };
}

const gone = (folder: string): ErrorPayload => ({
  code: "folder-gone",
  message: `"${folder}" is not there at present.`,
  help: "It may have been moved or deleted, or its disk is not connected.",
  details: { path: folder },
});

/** Changes when what a folder expands to could have changed. */
function stampsOf(folder: string): (number | undefined)[] {
  const candidates = [folder, path.join(folder, "extra_model_paths.yaml"), path.join(folder, "ComfyUI")];
  return candidates.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs);
}

const isYaml = (file: string) => /\.ya?ml$/i.test(file);
const exists = (file: string) => statOf(file) !== undefined;
const isFolder = (file: string) => statOf(file)?.isDirectory() === true;

function statOf(file: string) {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
