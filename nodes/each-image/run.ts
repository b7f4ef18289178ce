import { newList } from "../../graph/execution/lists.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { imageBatch } from "../images.ts";
import type { NodeServices } from "../services.ts";
import { requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  makesLists: true,
  async run({ info }, inputs) {
    const { items } = requiredInput(inputs, "image", "image");
    const numbers = items.map((_, i) => i + 1);
    const list = (values: readonly unknown[]) => newList(values, "", numbers.map(String));
    info({ items: items.length });
    return { image: list(items.map((item) => imageBatch([item]))), number: list(numbers) };
  },
};
