import type { NodeRunner } from "../../graph/execution/runner.ts";
import { modelFingerprint } from "../model-file.ts";
import type { NodeServices } from "../services.ts";
import { textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  fingerprint: modelFingerprint("vae", "vae"),

  async run({ services: { engine, models }, info, timed }, _inputs, params) {
    const { path } = await models.resolve("vae", textParam(params, "vae"));
    const { value, facts } = await timed("loadMs", () => engine.openVae(path));
    info(facts);
    return { vae: value };
  },
};
