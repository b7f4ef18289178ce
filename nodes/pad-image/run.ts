import type { NodeRunner } from "../../graph/execution/runner.ts";
import { checkSides, makeMask, mapPictures, maskBytes, pictureBytes, sizeOfBatch } from "../pictures.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput, textParam } from "../values.ts";

const fills: Readonly<Record<string, "copy" | "mirror" | "background">> = {
  edges: "copy",
  mirror: "mirror",
  grey: "background",
};
const GREY = { r: 128, g: 128, b: 128 };

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => pictureBytes(outputs) + maskBytes(outputs),

  async run({ info }, inputs, params) {
    const image = requiredInput(inputs, "image", "image");
    const inner = sizeOfBatch(image, "image");
    const number = (name: string) => numberParam(params, name);
    const sides = { left: number("left"), top: number("top"), right: number("right"), bottom: number("bottom") };
    const width = inner.width + sides.left + sides.right;
    const height = inner.height + sides.top + sides.bottom;
    checkSides(width, height, "right");
    info({ width, height });
    const extendWith = fills[textParam(params, "fill")]!;
    return {
      image: await mapPictures(image, (picture) => picture.extend({ ...sides, extendWith, background: GREY })),
      mask: padMask(inner, sides, number("feather")),
      width,
      height,
    };
  },
};

interface Sides {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** 1 in the padding; in the picture it falls off with the square of the distance to a padded side, to 0 at `feather`. */
function padMask(inner: { width: number; height: number }, sides: Sides, feather: number) {
  const { left, top, right, bottom } = sides;
  return makeMask(inner.width + left + right, inner.height + top + bottom, (x, y) => {
    const [fromLeft, fromTop] = [x - left, y - top];
    const [fromRight, fromBottom] = [inner.width - 1 - fromLeft, inner.height - 1 - fromTop];
    const distance = Math.min(
      left > 0 ? fromLeft : Number.POSITIVE_INFINITY,
      top > 0 ? fromTop : Number.POSITIVE_INFINITY,
      right > 0 ? fromRight : Number.POSITIVE_INFINITY,
      bottom > 0 ? fromBottom : Number.POSITIVE_INFINITY,
    );
    if (distance < 0) return 1;
    return distance < feather ? ((feather - distance) / feather) ** 2 : 0;
  });
}
