import type { LoraValue } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { modelFingerprint } from "../model-file.ts";
import type { NodeServices } from "../services.ts";
import { textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  fingerprint: modelFingerprint("lora", "lora"),

  async run({ services: { models } }, _inputs, params) {
    const name = textParam(params, "lora");
    const { path, identity } = await models.resolve("lora", name);
    const title = name
      .split("/")
      .at(-1)!
      .replace(/\.\w+$/, "");
    const lora: LoraValue = { kind: "lora", source: { kind: "file", path, fingerprint: identity }, title };
    return { lora };
  },
};
