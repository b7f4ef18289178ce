import type { Latent } from "../../engine/types.ts";
import type { NodeRunner, ParamValues, PortValues } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, optionalInput, textParam } from "../values.ts";
import { nearestSize, type Size, sizePresets } from "./sizes.ts";

export const runner: NodeRunner<NodeServices> = {
  async run({ info, warn }, inputs, params) {
    const asked = askedSize(inputs, params);
    const limits = optionalInput(inputs, "model", "model")?.sizeLimits;
    const { width, height } = limits ? nearestSize(asked, limits) : asked;
    info({ width, height });
    if (limits && (width !== asked.width || height !== asked.height)) {
      warn({
        code: "size-replaced",
        message: `This model draws ${limits.min} to ${limits.max} pixels a side, so ${width} × ${height} is used instead of ${asked.width} × ${asked.height}.`,
        help: "Choose a size within these limits, or another model.",
        field: "preset",
        details: {
          cause: "limits",
          width,
          height,
          min: limits.min,
          max: limits.max,
          askedWidth: asked.width,
          askedHeight: asked.height,
        },
      });
    }
    const latent: Latent = { kind: "latent", width, height, samples: null, batch: numberParam(params, "batch") };
    return { latent, width, height };
  },
};

function askedSize(inputs: PortValues, params: ParamValues): Size {
  const isLinked = inputs.width !== undefined || inputs.height !== undefined;
  const preset = isLinked ? undefined : sizePresets.find(({ name }) => name === textParam(params, "preset"));
  return preset ?? { width: numberParam(params, "width"), height: numberParam(params, "height") };
}
