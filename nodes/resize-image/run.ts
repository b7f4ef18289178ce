import type { ResizeOptions } from "sharp";
import type { PictureMask } from "../../engine/types.ts";
import type { NodeRunner, ParamValues } from "../../graph/execution/runner.ts";
import { makeMask, mapMask, mapPictures, maskBytes, pictureBytes, resizeMask, sizeOfBatch } from "../pictures.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, optionalInput, requiredInput, textParam } from "../values.ts";

/** Sides of what a model draws are multiples of this. */
const GRID = 16;

const fits = { fill: "cover", fit: "contain", stretch: "fill", inside: "fill" } as const;
const barColors: Readonly<Record<string, string>> = { black: "#000000", white: "#ffffff", grey: "#808080" };

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => pictureBytes(outputs) + maskBytes(outputs),

  async run({ info }, inputs, params) {
    const image = requiredInput(inputs, "image", "image");
    const from = sizeOfBatch(image, "image");
    const { width, height } = targetSize(from, params);
    info({ width, height });
    const options = resizeOptions(params);
    // Bars, which no mask says anything of, are to be painted.
    const given = optionalInput(inputs, "mask", "mask");
    const mask = given ? await resizeMask(given, from.width, from.height) : makeMask(from.width, from.height, () => 0);
    const resize = (background: string): ResizeOptions => ({ ...options, width, height, background });
    return {
      image: await mapPictures(image, (picture) => picture.resize(resize(barColors[textParam(params, "bars")]!))),
      mask: await resizedMask(mask, resize("#ffffff")),
      width,
      height,
    };
  },
};

/** Linear, so that no value passes beyond its neighbours. */
function resizedMask(mask: PictureMask, options: ResizeOptions): Promise<PictureMask> {
  return mapMask(mask, (picture) => picture.resize({ ...options, kernel: "linear" }));
}

function targetSize(from: { width: number; height: number }, params: ParamValues) {
  const width = numberParam(params, "width");
  const height = numberParam(params, "height");
  if (textParam(params, "mode") !== "inside") return { width, height };
  const scale = Math.min(width / from.width, height / from.height);
  const onGrid = (side: number, limit: number) =>
    Math.min(limit, Math.max(GRID, Math.round((side * scale) / GRID) * GRID));
  return { width: onGrid(from.width, width), height: onGrid(from.height, height) };
}

function resizeOptions(params: ParamValues): ResizeOptions {
  const fit = fits[textParam(params, "mode") as keyof typeof fits];
  return { fit, position: textParam(params, "position"), kernel: "lanczos3" };
}
