import type { NodeRunner } from "../../graph/execution/runner.ts";
import { modelFingerprint } from "../model-file.ts";
import type { NodeServices } from "../services.ts";
import { textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  fingerprint: modelFingerprint("diffusionModel", "diffusionModel"),

  async run({ services: { engine, models }, info, warn, timed }, _inputs, params) {
    const { path } = await models.resolve("diffusionModel", textParam(params, "diffusionModel"));
    const { value, facts, warnings = [] } = await timed("loadMs", () => engine.openDiffusionModel(path));
    info(facts);
    for (const warning of warnings) warn(warning);
    return { model: value };
  },
};
