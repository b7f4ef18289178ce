import type { ImageBatch } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { pictureBytes } from "../pictures.ts";
import type { NodeServices } from "../services.ts";
import { requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => pictureBytes(outputs),

  async run(_context, inputs) {
    const { width, height, values } = requiredInput(inputs, "mask", "mask");
    const data = new Uint8Array(values.length * 3);
    for (const [i, value] of values.entries()) data.fill(Math.round(value * 255), i * 3, i * 3 + 3);
    const image: ImageBatch = { kind: "image", items: [{ width, height, data }] };
    return { image };
  },
};
