import type { ImageBatch, PictureMask } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { parseImageValue } from "../../graph/values.ts";
import { decodePictureFile } from "../picture-file.ts";
import type { NodeServices } from "../services.ts";
import { readStoredPicture } from "../stored-picture.ts";
import { requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) =>
    requiredInput(outputs, "image", "image").items.reduce((bytes, { data }) => bytes + data.byteLength, 0) +
    requiredInput(outputs, "mask", "mask").values.byteLength,

  async run({ services: { images }, info, timed }, _inputs, params) {
    const hash = parseImageValue(params.image);
    if (hash === undefined) throw new TypeError("param image names no picture");
    const { width, height, rgb, alpha } = await timed("loadMs", async () =>
      decodePictureFile(await readStoredPicture(images, hash, "image")),
    );
    info({ width, height, ...(alpha ? { transparency: true } : {}) });
    const values = new Float32Array(width * height);
    if (alpha) for (const [i, value] of alpha.entries()) values[i] = 1 - value / 255;
    const image: ImageBatch = { kind: "image", items: [{ width, height, data: rgb }] };
    const mask: PictureMask = { kind: "mask", width, height, values };
    return { image, mask, width, height };
  },
};
