import type { NodeRunner } from "../../graph/execution/runner.ts";
import { modelFingerprint } from "../model-file.ts";
import type { NodeServices } from "../services.ts";
import { textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  fingerprint: modelFingerprint("diffusionModel", "diffusionModel"),

  async run({ services: { engine, models }, info, timed }, _inputs, params) {
    const { path } = await models.resolve("diffusionModel", textParam(params, "diffusionModel"));
    const { value, facts } = await timed("loadMs", () => engine.openDiffusionModel(path));
    info(facts);
    return { model: value };
  },
};
