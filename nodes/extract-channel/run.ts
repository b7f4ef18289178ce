import { type ChannelName, extractChannel } from "../../engine/image/channels.ts";
import { greyPicture } from "../../engine/image/grey.ts";
import type { PictureMask } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { imageBatch, sizeOfImages } from "../images.ts";
import type { NodeServices } from "../services.ts";
import { requiredInput, textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => sizeOfImages("image")(outputs) + requiredInput(outputs, "mask", "mask").values.byteLength,

  async run(_context, inputs, params) {
    const { items } = requiredInput(inputs, "image", "image");
    const planes = items.map((image) => extractChannel(image, textParam(params, "channel") as ChannelName));
    const { width, height, values } = planes[0]!;
    const mask: PictureMask = { kind: "mask", width, height, values: values.map((value) => value / 255) };
    return { image: imageBatch(planes.map((plane, i) => greyPicture(plane, items[i]))), mask };
  },
};
