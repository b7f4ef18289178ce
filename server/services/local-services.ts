import path from "node:path";
import { createEngine } from "../../engine/engine.ts";
import { Executor } from "../../graph/execution/executor.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { loadRunner } from "../../nodes/runners.ts";
import type { NodeServices } from "../../nodes/services.ts";
import type { EngineSettings } from "../engine-process/engine-settings.ts";
import { openModelDatabase } from "../models/model-database.ts";
import { ModelRoots } from "../models/model-roots.ts";
import { type HeddleFolders, heddleFolders, templatePictures } from "./home.ts";
import { createImageStore, type LocalImageStore } from "./image-store.ts";
import { createInputFolder } from "./input-folder.ts";
import { createModelLibrary } from "./model-library.ts";
import { createOutputFolder } from "./output-folder.ts";
import { previewEncoder } from "./preview-encoder.ts";
import { createWildcardLibrary } from "./wildcard-library.ts";

/** Pictures of 1024 x 1024 take 3 MB decoded: some hundreds of results. */
const CACHE_BUDGET_BYTES = 1024 ** 3;

export interface LocalServices {
  folders: HeddleFolders;
  services: NodeServices & { images: LocalImageStore };
  executor: Executor<NodeServices>;
  /** Releases the engine's sessions; nothing runs after it. */
  dispose(): Promise<void>;
}

export interface LocalServicesOptions {
  /** Replace the usual folders, one by one. */
  folders?: Partial<HeddleFolders>;
  /** Whether somebody watches: live previews cost a little time. */
  previews: boolean;
  /** How the engine computes; by itself it chooses the processor and what suits the model and the memory. */
  engine?: EngineSettings;
}

/** Everything that runs workflows on this machine, in this process. */
export function createLocalServices({
  folders: overrides = {},
  previews,
  engine: settings = {},
}: LocalServicesOptions): LocalServices {
  const folders = { ...heddleFolders(), ...overrides };
  const roots = new ModelRoots(folders);
  const known = openModelDatabase(folders.home);
  // Folders may be added while this runs.
  const modelsFolders = () => roots.roots().map((root) => root.path);
  const integerAttention = process.env.HEDDLE_INTEGER_ATTENTION !== "off";
  const upsampling = process.env.HEDDLE_SUBPIXEL_UPSAMPLING === "off" ? "nearest" : "subpixel";
  const engine = createEngine({ ...settings, modelsFolders, cacheFolder: folders.cache, integerAttention, upsampling });
  const services = {
    engine,
    models: createModelLibrary({
      roots: () => roots.roots(),
      resources: folders.resources,
      onUse: (real) => known.noteUse(real),
    }),
    images: createImageStore(folders.images, templatePictures(folders)),
    output: createOutputFolder(folders.output),
    loraFolder: createOutputFolder(path.join(folders.models[0]!, "loras"), "LoRA"),
    wildcards: createWildcardLibrary(path.join(folders.home, "wildcards")),
    inputs: createInputFolder(path.join(folders.home, "inputs")),
    safety: { isCheckOn: process.env.HEDDLE_SAFETY_CHECK !== "off" },
    now: () => new Date(),
    ...(previews ? { previews: previewEncoder } : {}),
  };
  const executor = new Executor<NodeServices>({
    definitions: findDefinition,
    loadRunner,
    services,
    cacheBudgetBytes: CACHE_BUDGET_BYTES,
    sessionsCreated: () => engine.sessionsCreated,
  });
  return {
    folders,
    services,
    executor,
    async dispose() {
      await engine.dispose();
      known.close();
    },
  };
}
