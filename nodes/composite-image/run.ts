import { type BlendMode, compositePictures } from "../../engine/image/composite.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { imageBatch, sizeOfImages } from "../images.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, optionalInput, requiredInput, textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: sizeOfImages("image"),

  async run(_context, inputs, params) {
    const bases = requiredInput(inputs, "base", "image").items;
    const overlays = requiredInput(inputs, "overlay", "image").items;
    const placement = {
      x: numberParam(params, "x"),
      y: numberParam(params, "y"),
      blend: textParam(params, "blend") as BlendMode,
      opacity: numberParam(params, "opacity"),
      mask: optionalInput(inputs, "mask", "mask"),
    };
    const count = Math.max(bases.length, overlays.length);
    const items = Array.from({ length: count }, (_, i) =>
      compositePictures(bases[i % bases.length]!, overlays[i % overlays.length]!, placement),
    );
    return { image: imageBatch(await Promise.all(items)) };
  },
};
