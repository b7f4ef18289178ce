import { HeddleError } from "../../common/errors.ts";
import { mergeChannels } from "../../engine/image/channels.ts";
import { greyPlane } from "../../engine/image/grey.ts";
import { provenanceOf } from "../../engine/image/provenance.ts";
import type { RgbImage } from "../../engine/types.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { imageBatch, sizeOfImages } from "../images.ts";
import type { NodeServices } from "../services.ts";
import { requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: sizeOfImages("image"),

  async run(_context, inputs) {
    const [reds, greens, blues] = ["red", "green", "blue"].map(
      (name) => requiredInput(inputs, name, "image").items,
    ) as [readonly RgbImage[], readonly RgbImage[], readonly RgbImage[]];
    const count = Math.max(reds.length, greens.length, blues.length);
    const items = Array.from({ length: count }, (_, i) => {
      const [red, green, blue] = [reds[i % reds.length]!, greens[i % greens.length]!, blues[i % blues.length]!];
      checkSameSize(red, green, "green");
      checkSameSize(red, blue, "blue");
      const merged = mergeChannels(greyPlane(red), greyPlane(green), greyPlane(blue));
      return { ...merged, ...provenanceOf(red) };
    });
    return { image: imageBatch(items) };
  },
};

function checkSameSize(red: RgbImage, other: RgbImage, field: string): void {
  if (red.width === other.width && red.height === other.height) return;
  throw new HeddleError({
    code: "image-sizes-differ",
    message: `The red channel is ${red.width} × ${red.height} pixels, the ${field} one ${other.width} × ${other.height}.`,
    help: "Resize them to one size first.",
    field,
    details: {
      cause: "channels",
      channel: { term: "input", type: "merge-channels", name: field, label: field },
      red: `${red.width} × ${red.height}`,
      other: `${other.width} × ${other.height}`,
    },
  });
}
