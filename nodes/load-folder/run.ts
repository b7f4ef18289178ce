import { HeddleError } from "../../common/errors.ts";
import { resizePicture } from "../../engine/image/resize.ts";
import type { RgbImage } from "../../engine/types.ts";
import type { NodeRunner, ParamValues, RunContext } from "../../graph/execution/runner.ts";
import { imageBatch, sizeOfImages } from "../images.ts";
import { decodePictureFile } from "../picture-file.ts";
import type { NodeServices } from "../services.ts";
import { booleanParam, numberParam, textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: sizeOfImages("image"),

  async fingerprint({ inputs }, params) {
    const files = await inputs.list(textParam(params, "folder"), booleanParam(params, "subfolders"));
    return JSON.stringify(files);
  },

  async run(context, _inputs, params) {
    const { services, info, signal, progress, timed } = context;
    const folder = textParam(params, "folder");
    const files = await services.inputs.list(folder, booleanParam(params, "subfolders"));
    const skip = numberParam(params, "skip");
    const chosen = files.slice(skip, skip + numberParam(params, "limit"));
    const pictures: { name: string; image: RgbImage }[] = [];
    for (const [index, { name }] of chosen.entries()) {
      signal.throwIfAborted();
      const image = await timed("loadMs", () => loadPicture(context, name, params));
      if (image) pictures.push({ name, image });
      progress({ value: index + 1, max: chosen.length });
    }
    if (pictures.length === 0) throw nothingThere(files.length, skip);
    info({ pictures: pictures.length, ...(files.length > pictures.length ? { inFolder: files.length } : {}) });
    return {
      image: imageBatch(pictures.map(({ image }) => image)),
      names: pictures.map(({ name }) => name).join("\n"),
      count: pictures.length,
    };
  },
};

/** The picture, or `undefined` and a warning for a file that cannot be read: one of a hundred is no reason to stop. */
async function loadPicture(
  { services, warn }: RunContext<NodeServices>,
  name: string,
  params: ParamValues,
): Promise<RgbImage | undefined> {
  try {
    const { width, height, rgb } = await decodePictureFile(await services.inputs.read(name));
    return fitted({ width, height, data: rgb }, numberParam(params, "longestSide"));
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    const details = { ...error.details, about: name };
    warn({ ...error.toPayload(), message: `${name}: ${error.message}`, field: "folder", details });
    return undefined;
  }
}

async function fitted(image: RgbImage, longestSide: number): Promise<RgbImage> {
  const scale = longestSide / Math.max(image.width, image.height);
  if (longestSide === 0 || scale >= 1) return image;
  const scaled = (side: number) => Math.max(1, Math.round(side * scale));
  return resizePicture(image, scaled(image.width), scaled(image.height));
}

function nothingThere(found: number, skipped: number): HeddleError {
  return new HeddleError({
    code: "folder-empty",
    message:
      found > 0 ? `No picture of ${found} is left, or none can be read.` : "There are no pictures in the folder.",
    help:
      skipped > 0 && found > 0 ? "Leave out fewer pictures." : "Put PNG, JPEG, WebP, GIF, TIFF or AVIF files into it.",
    field: skipped > 0 && found > 0 ? "skip" : "folder",
    details: { cause: found === 0 ? "nothing" : skipped > 0 ? "skipped" : "none-readable", found },
  });
}
