import { expect, test } from "vitest";
import { blankMasked, controlContext } from "./image-latents.ts";

test("the area to repaint is blanked in all channels, by the nearest pixel of a mask of any size", () => {
  const picture = { width: 4, height: 2, data: new Uint8Array(4 * 2 * 3).fill(255) };
  const mask = { kind: "mask" as const, width: 2, height: 1, values: Float32Array.of(0.4, 0.6) };
  const plane = [1, 1, 0, 0, 1, 1, 0, 0];
  expect([...blankMasked(picture, mask)]).toEqual([...plane, ...plane, ...plane]);
});

test("a ControlNet of 33 channels is given the hint, what is kept, and the blanked picture; zeros without a mask", () => {
  const size = { height: 1, width: 2 };
  const control = new Float32Array(32).fill(7);
  expect([...controlContext(16, control, size)]).toEqual([...control]);
  const keep = Float32Array.of(1, 0);
  const masked = new Float32Array(32).fill(3);
  expect([...controlContext(33, control, size, { keep, masked })]).toEqual([...control, ...keep, ...masked]);
  expect([...controlContext(33, control, size)]).toEqual([...control, ...new Float32Array(34)]);
});
