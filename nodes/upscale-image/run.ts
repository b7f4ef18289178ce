import type { RgbImage } from "../../engine/types.ts";
import { type ResampleMethod, resamplePicture } from "../../engine/upscale/resample.ts";
import type { ParamValues } from "../../graph/execution/runner.ts";
import { pictureRunner } from "../images.ts";
import { checkSides } from "../pictures.ts";
import { numberParam, textParam } from "../values.ts";

export const runner = pictureRunner((image, params) => {
  const { width, height } = sizeFor(image, params);
  checkSides(width, height, textParam(params, "by") === "factor" ? "factor" : "width");
  return resamplePicture(image, width, height, textParam(params, "method") as ResampleMethod);
});

function sizeFor(image: RgbImage, params: ParamValues): { width: number; height: number } {
  if (textParam(params, "by") === "size") {
    return { width: numberParam(params, "width"), height: numberParam(params, "height") };
  }
  const factor = numberParam(params, "factor");
  return {
    width: Math.max(1, Math.round(image.width * factor)),
    height: Math.max(1, Math.round(image.height * factor)),
  };
}
