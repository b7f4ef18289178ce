import type { VaePlan } from "./plan.ts";
import { costSentence, VAE_COST_PIXELS, vaeCost } from "./plan-cost.ts";

export interface VaeChoice {
  /** Pictures with more pixels are decoded in strips. */
  readonly stripsAbovePixels: number;
  /** Sentences for people: why, and what it costs at 1024 x 1024. */
  readonly reason: string;
  readonly cost: string;
}

/**
 * How the pictures of a VAE are decoded.
 *
 * @param bytesPerPixel that decoding a whole picture takes
 * @param memoryBytes the budget, half of which may be used
 */
export function chooseVaePlan(wanted: VaePlan | "auto", bytesPerPixel: number, memoryBytes: number): VaeChoice {
  const automatic = memoryBytes / 2 / bytesPerPixel;
  const stripsAbovePixels = { whole: Number.POSITIVE_INFINITY, strips: 0, auto: automatic }[wanted];
  const isWhole = plansWhole(stripsAbovePixels);
  return {
    stripsAbovePixels,
    reason:
      wanted === "auto"
        ? `Pictures above ${(automatic / 1e6).toFixed(1)} megapixels are decoded in strips: whole they would need half of the memory.`
        : "Chosen by you.",
    cost: `At 1024 x 1024: ${costSentence(vaeCost(isWhole ? "whole" : "strips", bytesPerPixel))}`,
  };
}

/** Whether a picture of the size that costs are told for is decoded at once. */
export const plansWhole = (stripsAbovePixels: number): boolean => VAE_COST_PIXELS <= stripsAbovePixels;
