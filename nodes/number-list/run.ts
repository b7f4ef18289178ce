import { newList } from "../../graph/execution/lists.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { textParam } from "../values.ts";
import { parseNumbers } from "./parse-numbers.ts";

export const runner: NodeRunner<NodeServices> = {
  makesLists: true,
  async run({ info }, _inputs, params) {
    const values = parseNumbers(textParam(params, "values"));
    const list = newList(values, textParam(params, "title").trim(), values.map(String));
    info({ items: values.length });
    const areWhole = values.every((value) => typeof value === "string" || Number.isInteger(value));
    return { number: list, ...(areWhole ? { integer: list } : {}) };
  },
};
