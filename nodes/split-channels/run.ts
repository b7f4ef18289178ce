import { type ChannelName, extractChannel } from "../../engine/image/channels.ts";
import { greyPicture } from "../../engine/image/grey.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { imageBatch, sizeOfImages } from "../images.ts";
import type { NodeServices } from "../services.ts";
import { requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: sizeOfImages("red", "green", "blue"),

  async run(_context, inputs) {
    const { items } = requiredInput(inputs, "image", "image");
    const channel = (name: ChannelName) =>
      imageBatch(items.map((image) => greyPicture(extractChannel(image, name), image)));
    return { red: channel("red"), green: channel("green"), blue: channel("blue") };
  },
};
