import { HeddleError } from "../../common/errors.ts";
import type { ImageBatch, PictureMask, RgbImage } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { pictureBytes, resizeMask } from "../pictures.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, optionalInput, requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => pictureBytes(outputs),

  async run(_context, inputs, params) {
    const base = requiredInput(inputs, "base", "image").items;
    const above = requiredInput(inputs, "image", "image").items;
    const mask = optionalInput(inputs, "mask", "mask");
    const count = Math.max(base.length, above.length);
    if ((base.length !== 1 && base.length !== count) || (above.length !== 1 && above.length !== count)) {
      throw new HeddleError({
        code: "batch-sizes-differ",
        message: `${above.length} pictures cannot be laid over ${base.length}.`,
        help: "Connect one picture, or as many as there are at the other input.",
        field: "image",
      });
    }
    const place = { left: numberParam(params, "left"), top: numberParam(params, "top") };
    const items: RgbImage[] = [];
    for (let i = 0; i < count; i++) {
      const upper = above[above.length === 1 ? 0 : i]!;
      const lower = base[base.length === 1 ? 0 : i]!;
      items.push(composite(lower, upper, mask && (await resizeMask(mask, upper.width, upper.height)), place));
    }
    const image: ImageBatch = { kind: "image", items };
    return { image };
  },
};

function composite(
  lower: RgbImage,
  upper: RgbImage,
  mask: PictureMask | undefined,
  { left, top }: { left: number; top: number },
): RgbImage {
  const data = new Uint8Array(lower.data);
  for (let y = Math.max(0, -top); y < Math.min(upper.height, lower.height - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(upper.width, lower.width - left); x++) {
      const share = mask ? mask.values[y * upper.width + x]! : 1;
      const from = (y * upper.width + x) * 3;
      const to = ((y + top) * lower.width + x + left) * 3;
      for (let channel = 0; channel < 3; channel++) {
        data[to + channel] = Math.round(data[to + channel]! * (1 - share) + upper.data[from + channel]! * share);
      }
    }
  }
  const seed = upper.seed ?? lower.seed;
  return { width: lower.width, height: lower.height, data, ...(seed === undefined ? {} : { seed }) };
}
