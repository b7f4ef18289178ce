import type { RgbImage } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { imageBatch, sizeOfImages } from "../images.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: sizeOfImages("image"),

  async run(_context, inputs, params) {
    const [columns, rows] = [numberParam(params, "columns"), numberParam(params, "rows")];
    const { items } = requiredInput(inputs, "image", "image");
    return { image: imageBatch(items.map((item) => repeated(item, columns, rows))) };
  },
};

function repeated({ width, height, data, ...rest }: RgbImage, columns: number, rows: number): RgbImage {
  const wide = new Uint8Array(width * columns * height * 3);
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width * 3, (y + 1) * width * 3);
    for (let column = 0; column < columns; column++) wide.set(row, (y * columns + column) * width * 3);
  }
  const all = new Uint8Array(wide.length * rows);
  for (let row = 0; row < rows; row++) all.set(wide, row * wide.length);
  return { ...rest, width: width * columns, height: height * rows, data: all };
}
