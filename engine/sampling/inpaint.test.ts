import { describe, expect, it } from "vitest";
import { addNoise, blendKept, maskToLatentGrid } from "./inpaint.ts";

const clean = Float32Array.of(1, 2, 3, 4);
const noise = Float32Array.of(-1, 0, 1, 2);

describe("addNoise", () => {
  it("goes from the clean latent to pure noise", () => {
    expect(addNoise(clean, noise, 0)).toEqual(clean);
    expect(addNoise(clean, noise, 1)).toEqual(noise);
    expect([...addNoise(clean, noise, 0.5)]).toEqual([0, 1, 2, 3]);
  });
});

describe("maskToLatentGrid", () => {
  it("lets the pixel at floor(i * in / out) decide, 0.5 counting as 1", () => {
    const mask = { width: 3, height: 3, values: [0, 0.49, 0.5, 1, 0, 0, 0, 1, 1] };
    // Rows 0 and 1, columns 0 and 1 of the mask.
    expect([...maskToLatentGrid(mask, 2, 2)]).toEqual([0, 0, 1, 0]);
    expect([...maskToLatentGrid(mask, 3, 1)]).toEqual([0, 0, 1]);
  });

  it("repeats pixels where the grid is finer than the mask", () => {
    expect([...maskToLatentGrid({ width: 2, height: 1, values: [1, 0] }, 4, 2)]).toEqual([1, 1, 0, 0, 1, 1, 0, 0]);
  });
});

describe("blendKept", () => {
  const latents = Float32Array.of(10, 20, 30, 40);
  const blend = { original: clean, noise, mask: Uint8Array.of(1, 0) };

  it("keeps the repainted cells of every channel and re-noises the others to the reached level", () => {
    expect([...blendKept(latents, 0.5, blend)]).toEqual([10, 1, 30, 3]);
  });

  it("puts the clean original back after the last step", () => {
    expect([...blendKept(latents, 0, blend)]).toEqual([10, 2, 30, 4]);
  });
});
