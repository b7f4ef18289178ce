/** Conversions between 8-bit pictures (`[height, width, 3]`) and the planes models work on (`[3, height, width]`). */

/** 0..255 to -1..1, computed as the reference does: first to 0..1, then to -1..1, in float32. */
export function pictureToPlanes(pixels: Uint8Array, height: number, width: number): Float32Array {
  const plane = height * width;
  const planes = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++) {
      planes[channel * plane + i] = Math.fround(2 * Math.fround(pixels[i * 3 + channel]! / 255)) - 1;
    }
  }
  return planes;
}

/** -1..1 (clamped) to 0..255, rounding halves to even as torch does. */
export function planesToPicture(planes: Float32Array, height: number, width: number): Uint8Array {
  const plane = height * width;
  const pixels = new Uint8Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < plane; i++) {
      const unit = Math.min(1, Math.max(0, Math.fround(Math.fround(planes[channel * plane + i]! / 2) + 0.5)));
      pixels[i * 3 + channel] = roundHalfToEven(Math.fround(unit * 255));
    }
  }
  return pixels;
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
