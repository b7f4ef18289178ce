import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async fingerprint({ models }, params) {
    const { path, identity } = await models.resolve("checkpoint", textParam(params, "checkpoint"));
    return `${path}\n${identity}`;
  },

  async run({ services: { engine, models }, info, warn, timed }, _inputs, params) {
    const { path } = await models.resolve("checkpoint", textParam(params, "checkpoint"));
    const checkpoint = await timed("loadMs", () => engine.openCheckpoint(path));
    info(checkpoint.facts);
    for (const warning of checkpoint.warnings ?? []) warn(warning);
    return { model: checkpoint.model, textEncoder: checkpoint.textEncoder, vae: checkpoint.vae };
  },
};
