import type { PictureMask } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { mapMask, maskBytes } from "../pictures.ts";
import type { NodeServices } from "../services.ts";
import { booleanParam, numberParam, requiredInput } from "../values.ts";
import { growMask } from "./grow.ts";

/** Below this the imaging library's Gaussian does nothing. */
const MIN_SIGMA = 0.3;

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => maskBytes(outputs),

  async run(_context, inputs, params) {
    const mask = requiredInput(inputs, "mask", "mask");
    const inverted = booleanParam(params, "invert") ? invert(mask) : mask;
    const grown = growMask(inverted, numberParam(params, "grow"));
    // The edge is softened over about the stated distance to each side.
    const sigma = numberParam(params, "blur") / 2;
    return { mask: sigma < MIN_SIGMA ? grown : await mapMask(grown, (picture) => picture.blur(sigma)) };
  },
};

function invert(mask: PictureMask): PictureMask {
  return { ...mask, values: mask.values.map((value) => 1 - value) };
}
