import { gaussianBlur } from "../../engine/image/gaussian.ts";
import type { Detection, PictureMask, SizeLimits } from "../../engine/types.ts";
import { makeMask } from "../pictures.ts";

/** Whole pixels of a picture. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Beyond this many sigmas a Gaussian adds less than an 8-bit step. */
const BLUR_REACH = 3;

/** What a face is drawn in, and what of that is put back. */
export interface FaceRegion {
  /** What is cut out of the picture. */
  readonly cut: Region;
  /** Of the cut's size: 1 = replaced, 0 = kept; soft by the blur. */
  readonly mask: PictureMask;
}

/**
 * @param padding pixels around the detector's box that are drawn anew
 * @param blur sigma of the soft edge, in pixels; its reach lies within the cut unless the picture ends before
 * @param context pixels around that part that the model also sees
 */
export function faceRegion(
  found: Pick<Detection, "left" | "top" | "width" | "height">,
  picture: { readonly width: number; readonly height: number },
  { padding, blur, context }: { padding: number; blur: number; context: number },
): FaceRegion {
  const part = grown(found, padding, picture);
  const cut = grown(part, Math.max(context, Math.ceil(BLUR_REACH * blur)), picture);
  const [left, top] = [part.left - cut.left, part.top - cut.top];
  const isInside = (x: number, y: number) => x >= left && x < left + part.width && y >= top && y < top + part.height;
  const hard = makeMask(cut.width, cut.height, (x, y) => (isInside(x, y) ? 1 : 0));
  const { values } = gaussianBlur(hard, blur);
  return { cut, mask: { ...hard, values } };
}

/** Whole pixels around a box, with `margin` on each side where the picture has it. */
function grown(
  { left, top, width, height }: Pick<Detection, "left" | "top" | "width" | "height">,
  margin: number,
  picture: { readonly width: number; readonly height: number },
): Region {
  const [x, y] = [Math.max(0, Math.floor(left) - margin), Math.max(0, Math.floor(top) - margin)];
  const right = Math.min(picture.width, Math.ceil(left + width) + margin);
  const bottom = Math.min(picture.height, Math.ceil(top + height) + margin);
  return { left: x, top: y, width: right - x, height: bottom - y };
}

/** The size at which a cut is drawn: its longer side as asked for, as far as the model can, both on the model's grid. */
export function drawnSize(
  { width, height }: Pick<Region, "width" | "height">,
  longest: number,
  { min, max, multipleOf }: SizeLimits = { min: 16, max: 8192, multipleOf: 16 },
): { width: number; height: number } {
  const scale = Math.min(longest, max) / Math.max(width, height);
  const side = (pixels: number) => {
    const onGrid = Math.round((pixels * scale) / multipleOf) * multipleOf;
    const [low, high] = [Math.ceil(min / multipleOf) * multipleOf, Math.floor(max / multipleOf) * multipleOf];
    return Math.min(high, Math.max(low, onGrid));
  };
  return { width: side(width), height: side(height) };
}
