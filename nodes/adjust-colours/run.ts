import { adjustColours } from "../../engine/image/adjust-colours.ts";
import { pictureRunner } from "../images.ts";
import { numberParam } from "../values.ts";

export const runner = pictureRunner((image, params) =>
  adjustColours(image, {
    brightness: numberParam(params, "brightness"),
    contrast: numberParam(params, "contrast"),
    saturation: numberParam(params, "saturation"),
    hue: numberParam(params, "hue"),
    gamma: numberParam(params, "gamma"),
  }),
);
