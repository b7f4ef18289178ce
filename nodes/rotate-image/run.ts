import type { Sharp } from "sharp";
import { fromSharp, toSharp } from "../../engine/image/sharp-picture.ts";
import { pictureRunner } from "../images.ts";
import { textParam } from "../values.ts";

const turns: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
  right: (picture) => picture.rotate(90),
  half: (picture) => picture.rotate(180),
  left: (picture) => picture.rotate(270),
  horizontal: (picture) => picture.flop(),
  vertical: (picture) => picture.flip(),
};

export const runner = pictureRunner((image, params) =>
  fromSharp(turns[textParam(params, "turn")]!(toSharp(image)), image),
);
