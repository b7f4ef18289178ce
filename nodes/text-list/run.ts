import { HeddleError } from "../../common/errors.ts";
import { newList } from "../../graph/execution/lists.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  makesLists: true,
  async run({ info }, _inputs, params) {
    const lines = textParam(params, "text").split(/\r?\n/);
    const texts = lines.map((line) => line.trim()).filter(Boolean);
    if (texts.length === 0) {
      throw new HeddleError({
        code: "list-unreadable",
        message: "There is no text in the list.",
        help: "Write one text a line.",
        field: "text",
        details: { cause: "no-text" },
      });
    }
    info({ items: texts.length });
    return { text: newList(texts, textParam(params, "title").trim(), texts) };
  },
};
