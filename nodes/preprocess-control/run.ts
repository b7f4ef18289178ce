import { HeddleError } from "../../common/errors.ts";
import { cannyEdges } from "../../engine/image/canny.ts";
import { invertPicture } from "../../engine/image/channels.ts";
import { greyPicture, greyPlane } from "../../engine/image/grey.ts";
import { lineArt } from "../../engine/image/line-art.ts";
import { resizePicture } from "../../engine/image/resize.ts";
import { blurPicture } from "../../engine/image/sharpen.ts";
import type { RgbImage } from "../../engine/types.ts";
import type { ParamValues } from "../../graph/execution/runner.ts";
import { pictureRunner } from "../images.ts";
import { numberParam, textParam } from "../values.ts";

export const runner = pictureRunner((image, params) => methods[textParam(params, "method")]!(image, params));

const methods: Readonly<Record<string, (image: RgbImage, params: ParamValues) => RgbImage | Promise<RgbImage>>> = {
  canny: (image, params) => greyPicture(cannyEdges(greyPlane(image), cannyOptions(params)), image),
  "line-art": (image, params) => greyPicture(lineArt(image, numberParam(params, "radius")), image),
  blur: (image, params) => blurPicture(image, numberParam(params, "radius")),
  tile: async (image, params) => {
    const factor = numberParam(params, "factor");
    const { width, height } = image;
    const coarse = await resizePicture(image, Math.ceil(width / factor), Math.ceil(height / factor));
    return resizePicture(coarse, width, height);
  },
  greyscale: (image) => greyPicture(greyPlane(image), image),
  inverted: invertPicture,
};

function cannyOptions(params: ParamValues): { low: number; high: number; sigma: number } {
  const [low, high] = [numberParam(params, "low"), numberParam(params, "high")];
  if (low > high) {
    throw new HeddleError({
      code: "range-reversed",
      message: `The low threshold, ${low}, is above the high one, ${high}.`,
      help: "Make the low threshold the smaller of the two.",
      field: "low",
      details: { cause: "thresholds", low, high },
    });
  }
  return { low, high, sigma: numberParam(params, "smoothing") };
}
