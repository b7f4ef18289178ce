import type { NodeRunner } from "../../graph/execution/runner.ts";
import { imageBatch } from "../images.ts";
import type { NodeServices } from "../services.ts";
import { optionalInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run({ info }, inputs) {
    const names = ["first", "second", "third", "fourth"];
    const items = names.flatMap((name) => optionalInput(inputs, name, "image")?.items ?? []);
    info({ pictures: items.length });
    return { image: imageBatch(items) };
  },
};
