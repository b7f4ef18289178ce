import { HeddleError } from "../../common/errors.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { mapMask, mapPictures, maskBytes, pictureBytes, resizeMask, sizeOfBatch } from "../pictures.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput } from "../values.ts";
import { maskedRegion } from "./region.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => pictureBytes(outputs) + maskBytes(outputs),

  async run({ info }, inputs, params) {
    const image = requiredInput(inputs, "image", "image");
    const { width, height } = sizeOfBatch(image, "image");
    const mask = await resizeMask(requiredInput(inputs, "mask", "mask"), width, height);
    const region = maskedRegion(mask, numberParam(params, "margin"));
    if (region === undefined) {
      throw new HeddleError({
        code: "mask-empty",
        message: "The mask marks nothing to cut out.",
        help: "Draw a mask, or invert it.",
        field: "mask",
        details: { cause: "crop" },
      });
    }
    info({ ...region });
    return {
      image: await mapPictures(image, (picture) => picture.extract(region)),
      mask: await mapMask(mask, (picture) => picture.extract(region)),
      ...region,
    };
  },
};
