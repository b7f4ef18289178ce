import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { seedParam, textParam } from "../values.ts";
import { expandWildcards } from "./expand.ts";

export const runner: NodeRunner<NodeServices> = {
  /** Which files are read depends on the choices, so that any change in the folder counts. */
  fingerprint: ({ wildcards }) => wildcards.identity(),

  async run({ services: { wildcards }, info }, _inputs, params) {
    const { text, choices } = await expandWildcards(textParam(params, "text"), {
      seed: seedParam(params, "seed"),
      readFile: (name) => wildcards.read(name),
    });
    info({ text, choices: choices.join("; ") });
    return { text };
  },
};
