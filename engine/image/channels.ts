import type { RgbImage } from "../types.ts";
import { type GreyPlane, luminance } from "./grey.ts";

export const channelNames = ["red", "green", "blue", "luminance", "saturation", "value"] as const;
export type ChannelName = (typeof channelNames)[number];

/** One channel; saturation and value as in HSV. */
export function extractChannel({ data, width, height }: RgbImage, channel: ChannelName): GreyPlane {
  const read = readers[channel];
  const values = new Float32Array(width * height);
  for (let i = 0; i < values.length; i++) values[i] = read(data[i * 3]!, data[i * 3 + 1]!, data[i * 3 + 2]!);
  return { width, height, values };
}

const readers: Record<ChannelName, (red: number, green: number, blue: number) => number> = {
  red: (red) => red,
  green: (_red, green) => green,
  blue: (_red, _green, blue) => blue,
  luminance,
  saturation: (...rgb) => {
    const most = Math.max(...rgb);
    return most === 0 ? 0 : (255 * (most - Math.min(...rgb))) / most;
  },
  value: (...rgb) => Math.max(...rgb),
};

/** A picture whose channels are the brightness of three others, all of one size. */
export function mergeChannels(red: GreyPlane, green: GreyPlane, blue: GreyPlane): RgbImage {
  const { width, height } = red;
  const data = new Uint8Array(width * height * 3);
  for (const [channel, { values }] of [red, green, blue].entries()) {
    for (const [i, value] of values.entries()) data[i * 3 + channel] = Math.round(value);
  }
  return { width, height, data };
}

export function invertPicture(image: RgbImage): RgbImage {
  return { ...image, data: image.data.map((value) => 255 - value) };
}
