import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { areShown, showPictures } from "../show-pictures.ts";
import { requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  isEffectCurrent: areShown,

  async run(context, inputs) {
    await showPictures(context, requiredInput(inputs, "image", "image").items);
    return {};
  },
};
