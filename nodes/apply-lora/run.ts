import type { NodeRunner } from "../../graph/execution/runner.ts";
import { loraFacts } from "../lora.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput, textParam } from "../values.ts";
import { parseBlockRules, parseSchedule } from "./parse-rules.ts";

export const runner: NodeRunner<NodeServices> = {
  async run(context, inputs, params) {
    const model = requiredInput(inputs, "model", "model");
    const { source, title } = requiredInput(inputs, "lora", "lora");
    const blocks = parseBlockRules(textParam(params, "blocks"));
    const schedule = parseSchedule(textParam(params, "schedule"));
    const opened = await context.timed("loadMs", () => context.services.engine.openLoraSource(source, model));
    loraFacts(context, opened, { name: title, field: "lora" });
    const reference = {
      ...opened.reference,
      weight: numberParam(params, "weight"),
      ...(blocks.length > 0 && { blocks }),
      ...(schedule.length > 0 && { schedule }),
    };
    return { model: opened.changesModel ? { ...model, loras: [...model.loras, reference] } : model };
  },
};
