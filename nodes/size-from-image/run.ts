import type { Latent } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { nearestSize } from "../image-size/sizes.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, optionalInput, requiredInput } from "../values.ts";

/** What Image Size offers, where no model says what it can draw. */
const usualLimits = { min: 128, max: 2048, multipleOf: 16 };

export const runner: NodeRunner<NodeServices> = {
  async run({ info, warn }, inputs, params) {
    const { items } = requiredInput(inputs, "image", "image");
    const { width, height } = items[0]!;
    const size = nearestSize({ width, height }, optionalInput(inputs, "model", "model")?.sizeLimits ?? usualLimits);
    info({ width, height, pictures: items.length });
    if (size.width !== width || size.height !== height) {
      warn({
        code: "size-replaced",
        message: `The latent is ${size.width} × ${size.height}, the nearest that can be drawn to ${width} × ${height}.`,
        help: "Resize or crop the picture to that size where both have to fit.",
        field: "image",
        details: { cause: "picture", ...size, pictureWidth: width, pictureHeight: height },
      });
    }
    const latent: Latent = { kind: "latent", ...size, samples: null, batch: numberParam(params, "batch") };
    return { width, height, pictures: items.length, latent };
  },
};
