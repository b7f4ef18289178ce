import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { optionalText } from "../text-inputs.ts";
import { textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run({ info }, inputs, params) {
    const pieces = ["a", "b", "c", "d"].map((name) => optionalText(inputs, name) ?? "").filter(Boolean);
    const text = pieces.join(textParam(params, "separator").replaceAll("\\n", "\n"));
    info({ text });
    return { text };
  },
};
