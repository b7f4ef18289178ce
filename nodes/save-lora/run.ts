import type { EncodeLoraOptions } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { requiredInput, textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run({ services: { engine, loraFolder }, timed, info }, inputs, params) {
    const { source } = requiredInput(inputs, "lora", "lora");
    const model = requiredInput(inputs, "model", "model");
    const name = textParam(params, "name").trim();
    const type = textParam(params, "type") as EncodeLoraOptions["type"];
    const bytes = await timed("saveMs", () =>
      engine.encodeLora(source, model, { type, title: name.split("/").at(-1)! }),
    );
    const file = await timed("saveMs", () => loraFolder.write(name, "safetensors", bytes));
    info({ file, megabytes: Math.round(bytes.byteLength / 1e5) / 10 });
    return {};
  },
};
