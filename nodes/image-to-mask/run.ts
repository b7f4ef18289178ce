import { HeddleError } from "../../common/errors.ts";
import type { NodeRunner, ParamValues } from "../../graph/execution/runner.ts";
import { makeMask, maskBytes, sizeOfBatch } from "../pictures.ts";
import type { NodeServices } from "../services.ts";
import { booleanParam, numberParam, requiredInput, textParam } from "../values.ts";

/** Shares of the channels in brightness (ITU-R BT.709), each 0 to 1. */
const weights: Readonly<Record<string, readonly [number, number, number]>> = {
  brightness: [0.2126, 0.7152, 0.0722],
  red: [1, 0, 0],
  green: [0, 1, 0],
  blue: [0, 0, 1],
};

const ROUNDING = 1e-9;

type PixelValue = (red: number, green: number, blue: number) => number;

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => maskBytes(outputs),

  async run(_context, inputs, params) {
    const image = requiredInput(inputs, "image", "image");
    const { width, height } = sizeOfBatch(image, "image");
    const { data } = image.items[0]!;
    const value = pixelValue(params);
    const mask = makeMask(width, height, (x, y) => {
      const at = (y * width + x) * 3;
      return value(data[at]! / 255, data[at + 1]! / 255, data[at + 2]! / 255);
    });
    return { mask };
  },
};

function pixelValue(params: ParamValues): PixelValue {
  const share = weights[textParam(params, "source")];
  if (share === undefined) return nearColor(textParam(params, "color"), numberParam(params, "tolerance"));
  const [r, g, b] = share;
  const grey: PixelValue = (red, green, blue) => r * red + g * green + b * blue;
  if (!booleanParam(params, "cut")) return grey;
  const threshold = numberParam(params, "threshold");
  return (red, green, blue) => (grey(red, green, blue) >= threshold - ROUNDING ? 1 : 0);
}

function nearColor(color: string, tolerance: number): PixelValue {
  const [, r, g, b] = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color) ?? [];
  if (r === undefined || g === undefined || b === undefined) {
    throw new HeddleError({
      code: "color-unreadable",
      message: `"${color}" is no colour.`,
      help: "Write it as #rrggbb, for example #ff8000.",
      field: "color",
      details: { color },
    });
  }
  const wanted = [r, g, b].map((channel) => Number.parseInt(channel, 16) / 255);
  return (...pixel) => (pixel.every((channel, i) => Math.abs(channel - wanted[i]!) <= tolerance + ROUNDING) ? 1 : 0);
}
