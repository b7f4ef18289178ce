import type { NodeRunner } from "../../graph/execution/runner.ts";
import { modelFingerprint } from "../model-file.ts";
import type { NodeServices } from "../services.ts";
import { textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  fingerprint: modelFingerprint("textEncoder", "textEncoder"),

  async run({ services: { engine, models }, info, timed }, _inputs, params) {
    const { path } = await models.resolve("textEncoder", textParam(params, "textEncoder"));
    const { value, facts } = await timed("loadMs", () => engine.openTextEncoder(path));
    info(facts);
    return { textEncoder: value };
  },
};
