import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { heddleFolders } from "../../services/home.ts";
import type { ModelManager } from "../model-manager.ts";
import { openModelManager } from "../open-model-manager.ts";

/** A model manager of folders that hold nothing, for tests that are about something else. */
export function emptyModelManager(): ModelManager {
  const home = mkdtempSync(join(tmpdir(), "heddle-no-models-"));
  return openModelManager({ folders: heddleFolders({ HEDDLE_HOME: home, HEDDLE_OUTPUT: home }), environment: {} });
}
