import { expect, it } from "vitest";
import { chooseVaePlan } from "./vae-plan.ts";

/** Of Flux' autoencoder. */
const BYTES = 5 * 4 * 256;

it("decodes in strips what would take more than half of the memory, unless somebody wants otherwise", () => {
  const automatic = chooseVaePlan("auto", BYTES, 12e9);
  expect(automatic.stripsAbovePixels).toBeCloseTo(6e9 / BYTES);
  expect(automatic.reason).toContain("above 1.2 megapixels");
  expect(automatic.cost).toBe("At 1024 x 1024: 5.4 GB of memory, exact.");
  expect(chooseVaePlan("auto", BYTES, 8e9).cost).toContain("1.5 GB of memory, about 1.02 times the time of float32");
  expect(chooseVaePlan("whole", BYTES, 1e9).stripsAbovePixels).toBe(Number.POSITIVE_INFINITY);
  expect(chooseVaePlan("strips", BYTES, 99e9)).toMatchObject({ stripsAbovePixels: 0, reason: "Chosen by you." });
});
