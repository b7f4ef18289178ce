import sharp from "sharp";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  /** The store may have been pruned since. */
  async isEffectCurrent({ images }, references) {
    const present = await Promise.all(references.map(({ hash }) => images.has(hash)));
    return present.every(Boolean);
  },

  async run({ services, timed, images }, inputs) {
    const { items } = requiredInput(inputs, "image", "image");
    for (const { data, width, height, seed } of items) {
      const reference = await timed("saveMs", async () => {
        // Little compression: it is looked at once, on this machine.
        const png = await sharp(data, { raw: { width, height, channels: 3 } })
          .png({ compressionLevel: 2 })
          .toBuffer();
        return services.images.put(png, { width, height, mimeType: "image/png", seed });
      });
      images([reference]);
    }
    return {};
  },
};
