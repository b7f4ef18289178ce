import type { Acceleration } from "../../engine/types.ts";

/**
 * TeaCache saves most for the same likeness on the starter; figures in docs/performance.md (`npm run bench -- accelerators`).
 */
export const presets = {
  regular: { method: "tea", threshold: 0.25, maxConsecutive: 3 },
  high: { method: "tea", threshold: 0.5, maxConsecutive: 4 },
} as const satisfies Record<string, Acceleration>;
