import { sideBySide } from "../../engine/image/contact-sheet.ts";
import { rootMeanSquareError } from "../../engine/image/difference.ts";
import type { RgbImage } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { imageBatch, sizeOfImages } from "../images.ts";
import type { NodeServices } from "../services.ts";
import { areShown, showPictures } from "../show-pictures.ts";
import { numberParam, requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  isEffectCurrent: areShown,
  sizeOf: sizeOfImages("image"),

  async run(context, inputs, params) {
    const firsts = requiredInput(inputs, "first", "image").items;
    const seconds = requiredInput(inputs, "second", "image").items;
    const count = Math.max(firsts.length, seconds.length);
    const joined: RgbImage[] = [];
    const shown: RgbImage[] = [];
    const errors: number[] = [];
    for (let i = 0; i < count; i++) {
      const [first, second] = [firsts[i % firsts.length]!, seconds[i % seconds.length]!];
      shown.push(first, second);
      joined.push(await sideBySide(first, second, numberParam(params, "gap")));
      if (first.width === second.width && first.height === second.height) {
        errors.push(rootMeanSquareError(first, second));
      }
    }
    if (errors.length === count) context.info(differenceFacts(Math.sqrt(mean(errors.map((error) => error ** 2)))));
    await showPictures(context, shown);
    return { image: imageBatch(joined) };
  },
};

function differenceFacts(rmse: number): Record<string, string | number> {
  const rounded = (value: number) => Math.round(value * 100) / 100;
  return rmse === 0
    ? { difference: "none: the pictures are identical" }
    : { rmse: rounded(rmse), psnr: `${rounded(20 * Math.log10(255 / rmse))} dB` };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
