import { inspectionLines } from "../../engine/lora/inspect-lora.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run({ services: { engine }, timed, info }, inputs) {
    const { source } = requiredInput(inputs, "lora", "lora");
    const model = requiredInput(inputs, "model", "model");
    const found = await timed("loadMs", () => engine.inspectLora(source, model));
    const strongest = [...found.blocks].sort((a, b) => b.norm - a.norm).slice(0, 3);
    info({
      keys: `${found.applied} of ${found.total} keys applied`,
      format: found.rank === undefined ? found.format : `${found.format}, rank ${found.rank}`,
      ...(found.alpha === undefined ? {} : { alpha: found.alpha }),
      ...(found.triggerWords.length > 0 ? { triggerWords: found.triggerWords.join(", ") } : {}),
      strongestBlocks: strongest.map(({ block, norm }) => `${block} (${norm.toPrecision(2)})`).join(", "),
      changedLayers: found.targets.join(", "),
    });
    return { text: inspectionLines(found).join("\n") };
  },
};
