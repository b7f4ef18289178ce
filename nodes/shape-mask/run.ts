import type { NodeRunner } from "../../graph/execution/runner.ts";
import { makeMask, maskBytes, sizeOfBatch } from "../pictures.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, optionalInput, textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => maskBytes(outputs),

  async run(_context, inputs, params) {
    const image = optionalInput(inputs, "image", "image");
    const own = { width: numberParam(params, "maskWidth"), height: numberParam(params, "maskHeight") };
    const size = image ? sizeOfBatch(image, "image") : own;
    const number = (name: string) => numberParam(params, name);
    const [left, top, width, height] = [number("left"), number("top"), number("width"), number("height")];
    // Places within the shape, -1 to 1, of a pixel's centre.
    const isInside =
      textParam(params, "shape") === "ellipse"
        ? (x: number, y: number) => x * x + y * y <= 1
        : (x: number, y: number) => Math.abs(x) <= 1 && Math.abs(y) <= 1;
    const across = (place: number, start: number, length: number) => ((place + 0.5 - start) / length) * 2 - 1;
    const mask = makeMask(size.width, size.height, (x, y) =>
      isInside(across(x, left, width), across(y, top, height)) ? 1 : 0,
    );
    return { mask };
  },
};
