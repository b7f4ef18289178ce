import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { optionalText } from "../text-inputs.ts";
import { booleanParam, textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run({ info }, inputs, params) {
    const find = textParam(params, "find");
    const replacement = textParam(params, "replacement");
    const pattern = new RegExp(escapeRegExp(find), booleanParam(params, "ignoreCase") ? "giu" : "gu");
    const original = optionalText(inputs, "text") ?? "";
    let replaced = 0;
    const replace = () => {
      replaced++;
      return replacement;
    };
    const text = find === "" ? original : original.replace(pattern, replace);
    info({ text, replaced });
    return { text };
  },
};

/** A pattern that matches the text itself. */
const escapeRegExp = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
