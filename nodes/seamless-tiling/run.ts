import { HeddleError } from "../../common/errors.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput, textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  async run(_context, inputs, params) {
    const { seamless: _, ...model } = requiredInput(inputs, "model", "model");
    const { seamless: __, ...vae } = requiredInput(inputs, "vae", "vae");
    const mode = textParam(params, "mode");
    if (mode === "none") return { model, vae };
    const [tile, stride] = [numberParam(params, "tileSize"), numberParam(params, "tileStride")];
    if (stride > tile) {
      throw new HeddleError({
        code: "tiles-apart",
        message: `Tiles of ${tile} that are ${stride} apart would leave gaps.`,
        help: "Make the stride at most as large as the tile.",
        field: "tileStride",
        details: { tile, stride },
      });
    }
    const sides = { horizontal: mode !== "vertical", vertical: mode !== "horizontal" };
    return { model: { ...model, seamless: { ...sides, tile, stride } }, vae: { ...vae, seamless: sides } };
  },
};
