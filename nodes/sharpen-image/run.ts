import { sharpenPicture } from "../../engine/image/sharpen.ts";
import { pictureRunner } from "../images.ts";
import { numberParam } from "../values.ts";

export const runner = pictureRunner((image, params) =>
  sharpenPicture(image, numberParam(params, "radius"), numberParam(params, "amount")),
);
