import type { NodeRunner } from "../../graph/execution/runner.ts";
import { modelFingerprint } from "../model-file.ts";
import type { NodeServices } from "../services.ts";
import { textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  fingerprint: modelFingerprint("controlNet", "controlNet"),

  async run({ services: { engine, models }, info, timed }, _inputs, params) {
    const { path } = await models.resolve("controlNet", textParam(params, "controlNet"));
    const { value, facts } = await timed("loadMs", () => engine.openControlNet(path));
    info(facts);
    return { controlNet: value };
  },
};
