import { HeddleError } from "../../common/errors.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { optionalText } from "../text-inputs.ts";
import { textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run({ info }, inputs, params) {
    const text = textParam(params, "template").replace(/\{\{\s*([abcd])\s*\}\}/g, (_placeholder, name: string) => {
      const value = optionalText(inputs, name);
      if (value !== undefined) return value;
      throw new HeddleError({
        code: "placeholder-empty",
        message: `The template has a place for {{${name}}}, but nothing is linked to "${name}".`,
        help: `Link something to the input ${name}, or take {{${name}}} out.`,
        field: name,
        details: { name, place: `{{${name}}}` },
      });
    });
    info({ text });
    return { text };
  },
};
