import type { NodeRunner } from "../../graph/execution/runner.ts";
import { imageBatch, sizeOfImages } from "../images.ts";
import { listedImages } from "../lists.ts";
import type { NodeServices } from "../services.ts";

export const runner: NodeRunner<NodeServices> = {
  takesLists: true,
  sizeOf: sizeOfImages("image"),
  async run({ info }, inputs) {
    const items = listedImages(inputs, "image").cells.flatMap((cell) => cell.items);
    info({ pictures: items.length });
    return { image: imageBatch(items) };
  },
};
