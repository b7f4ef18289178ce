import { blurPicture } from "../../engine/image/sharpen.ts";
import { pictureRunner } from "../images.ts";
import { numberParam } from "../values.ts";

export const runner = pictureRunner((image, params) => blurPicture(image, numberParam(params, "radius")));
