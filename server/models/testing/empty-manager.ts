import { heddleFolders } from "../../services/home.ts";
import type { ModelManager } from "../model-manager.ts";
import { openModelManager } from "../open-model-manager.ts";

/** A model manager that knows no models, for tests that are about something else; `home` is a folder of the test's own. */
export function emptyModelManager(home: string): ModelManager {
  return openModelManager({ folders: heddleFolders({ HEDDLE_HOME: home, HEDDLE_OUTPUT: home }), environment: {} });
}
