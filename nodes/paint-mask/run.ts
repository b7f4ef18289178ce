import { HeddleError } from "../../common/errors.ts";
import type { PictureMask } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { parseImageValue } from "../../graph/values.ts";
import { type DecodedPicture, decodePictureFile } from "../picture-file.ts";
import { makeMask, maskBytes, resizeMask, sizeOfBatch } from "../pictures.ts";
import type { NodeServices } from "../services.ts";
import { readStoredPicture } from "../stored-picture.ts";
import { optionalInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => maskBytes(outputs),

  async run({ services: { images }, info, warn, timed }, inputs, params) {
    const image = optionalInput(inputs, "image", "image");
    const size = image && sizeOfBatch(image, "image");
    const hash = parseImageValue(params.mask);
    if (hash === undefined) {
      if (size === undefined) throw nothingPainted();
      warn({
        code: "mask-empty",
        message: "Nothing is painted: all of the picture is kept.",
        help: "Paint where the picture is to be made anew.",
        field: "mask",
        details: { cause: "all-kept" },
      });
      return { mask: makeMask(size.width, size.height, () => 0) };
    }
    const painted = await timed("loadMs", async () =>
      brightness(await decodePictureFile(await readStoredPicture(images, hash, "mask"))),
    );
    const mask = size ? await resizeMask(painted, size.width, size.height) : painted;
    const painting = mask.values.reduce((sum, value) => sum + value, 0) / mask.values.length;
    info({ width: mask.width, height: mask.height, masked: `${Math.round(painting * 100)} %` });
    return { mask };
  },
};

/** Brightness (ITU-R BT.709) where the picture is opaque, 0 where it is not. */
function brightness({ width, height, rgb, alpha }: DecodedPicture): PictureMask {
  return makeMask(width, height, (x, y) => {
    const i = y * width + x;
    const grey = 0.2126 * rgb[3 * i]! + 0.7152 * rgb[3 * i + 1]! + 0.0722 * rgb[3 * i + 2]!;
    return (grey / 255) * ((alpha?.[i] ?? 255) / 255);
  });
}

function nothingPainted(): HeddleError {
  return new HeddleError({
    code: "mask-empty",
    message: "Nothing is painted, and no picture says how large the mask is.",
    help: "Connect a picture, or paint the mask.",
    field: "mask",
    details: { cause: "no-size" },
  });
}
