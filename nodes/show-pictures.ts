import sharp from "sharp";
import type { RgbImage } from "../engine/types.ts";
import type { ImageReference } from "../graph/events.ts";
import type { RunContext } from "../graph/execution/runner.ts";
import type { NodeServices } from "./services.ts";

/** Keeps pictures in the store and shows them on the node. */
export async function showPictures(
  { services, timed, images }: RunContext<NodeServices>,
  items: readonly RgbImage[],
): Promise<void> {
  for (const { data, width, height, seed, hasNsfwConcepts } of items) {
    const reference = await timed("saveMs", async () => {
      // Little compression: it is looked at once, on this machine.
      const png = await sharp(data, { raw: { width, height, channels: 3 } })
        .png({ compressionLevel: 2 })
        .toBuffer();
      return services.images.put(png, { width, height, mimeType: "image/png", seed, hasNsfwConcepts });
    });
    images([reference]);
  }
}

/** Whether shown pictures are still there: the store may have been pruned since. */
export async function areShown({ images }: NodeServices, references: ImageReference[]): Promise<boolean> {
  const present = await Promise.all(references.map(({ hash }) => images.has(hash)));
  return present.every(Boolean);
}
