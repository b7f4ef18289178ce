import { HeddleError } from "../../common/errors.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { makeMask, mapMask, mapPictures, maskBytes, pictureBytes, resizeMask, sizeOfBatch } from "../pictures.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, optionalInput, requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => pictureBytes(outputs) + maskBytes(outputs),

  async run({ info, warn }, inputs, params) {
    const image = requiredInput(inputs, "image", "image");
    const from = sizeOfBatch(image, "image");
    const number = (name: string) => numberParam(params, name);
    const [left, top] = [number("left"), number("top")];
    if (left >= from.width || top >= from.height) {
      throw new HeddleError({
        code: "crop-outside",
        message: `The rectangle begins at ${left}, ${top}, outside of the picture of ${from.width} x ${from.height}.`,
        help: "Move it into the picture.",
        field: left >= from.width ? "left" : "top",
        details: { left, top, width: from.width, height: from.height },
      });
    }
    const width = Math.min(number("width"), from.width - left);
    const height = Math.min(number("height"), from.height - top);
    info({ width, height });
    if (width < number("width") || height < number("height")) {
      warn({
        code: "crop-clipped",
        message: `The rectangle reaches beyond the picture of ${from.width} x ${from.height}; ${width} x ${height} of it are there.`,
        help: "Make it smaller, or move it.",
        field: width < number("width") ? "width" : "height",
        details: { width, height, pictureWidth: from.width, pictureHeight: from.height },
      });
    }
    const rectangle = { left, top, width, height };
    const given = optionalInput(inputs, "mask", "mask");
    const mask = given
      ? await mapMask(await resizeMask(given, from.width, from.height), (picture) => picture.extract(rectangle))
      : makeMask(width, height, () => 0);
    return { image: await mapPictures(image, (picture) => picture.extract(rectangle)), mask };
  },
};
