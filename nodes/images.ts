import type { ImageBatch, RgbImage } from "../engine/types.ts";
import type { NodeRunner, ParamValues, PortValues } from "../graph/execution/runner.ts";
import type { NodeServices } from "./services.ts";
import { requiredInput } from "./values.ts";

/** A node that makes one picture, at its output `image`, of each picture at its input `image`. */
export function pictureRunner(
  work: (image: RgbImage, params: ParamValues) => RgbImage | Promise<RgbImage>,
): NodeRunner<NodeServices> {
  return {
    sizeOf: sizeOfImages("image"),
    async run({ signal }, inputs, params) {
      const items: RgbImage[] = [];
      for (const image of requiredInput(inputs, "image", "image").items) {
        signal.throwIfAborted();
        items.push(await work(image, params));
      }
      return { image: imageBatch(items) };
    },
  };
}

/** Memory that the pictures at these outputs hold, for {@link NodeRunner.sizeOf}. */
export function sizeOfImages(...names: readonly string[]): (outputs: PortValues) => number {
  return (outputs) =>
    names
      .flatMap((name) => requiredInput(outputs, name, "image").items)
      .reduce((bytes, { data }) => bytes + data.byteLength, 0);
}

export function imageBatch(items: readonly RgbImage[]): ImageBatch {
  return { kind: "image", items };
}
