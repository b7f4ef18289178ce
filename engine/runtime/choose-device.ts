import type { MachineReport } from "./try-device.ts";

/** Why a device was chosen by itself. */
export const automaticReasons = [
  /** There is no graphics processor in this machine. */
  "no-graphics",
  /** There is one, but nothing that drives it works. */
  "none-works",
  /** What works is done in software by the processor. */
  "software",
  /** It works and gains too little over the processor. */
  "not-faster",
  "faster",
] as const;
export type AutomaticReason = (typeof automaticReasons)[number];

export interface AutomaticDevice {
  /** As the runtime calls it. */
  readonly device: string;
  readonly reason: AutomaticReason;
  /** How many times as fast as the processor's best products the fastest other device was; null where none works. */
  readonly factor: number | null;
}

/** A device has to gain this much: models have to be brought into its memory, and results back. */
const WORTHWHILE_FACTOR = 1.2;

/**
 * The device to compute with, by what was tried: the fastest, if it is faster than the processor. Both count at their best:
 * the processor with the 8-bit products that large models get there, others with half precision where they have it.
 */
export function chooseDevice({ integerProducts, graphics, devices }: MachineReport): AutomaticDevice {
  const isSoftwareOnly = graphics?.length === 0;
  let processor = Number.POSITIVE_INFINITY;
  let best: { device: string; milliseconds: number } | undefined;
  let hasSoftware = false;
  for (const tried of devices) {
    if (!tried.works) continue;
    const { device, chainMilliseconds: milliseconds } = tried;
    if (device === "cpu") processor = milliseconds / Math.max(1, integerProducts.speedup);
    else if (device === "webgpu" && isSoftwareOnly) hasSoftware = true;
    else if (best === undefined || milliseconds < best.milliseconds) best = { device, milliseconds };
  }
  if (best === undefined) {
    const reason = hasSoftware ? "software" : isSoftwareOnly ? "no-graphics" : "none-works";
    return { device: "cpu", reason, factor: null };
  }
  // A processor that could not be tried is nothing to be faster than.
  if (processor === Number.POSITIVE_INFINITY) return { device: "cpu", reason: "not-faster", factor: null };
  const factor = processor / best.milliseconds;
  return factor >= WORTHWHILE_FACTOR
    ? { device: best.device, reason: "faster", factor }
    : { device: "cpu", reason: "not-faster", factor };
}

/** For terminals; windows have it in their own language. */
export function automaticText({ device, reason, factor }: AutomaticDevice): string {
  const times = factor === null ? "" : factor.toFixed(1);
  const sentences: Record<AutomaticReason, string> = {
    "no-graphics": "there is no graphics processor",
    "none-works": "no graphics processor can be used",
    software: "graphics are done in software here, which is slower than the processor itself",
    "not-faster":
      factor === null ? "there is nothing to compare with" : `the fastest other device was ${times} times as fast`,
    faster: `it was ${times} times as fast as the processor`,
  };
  return `${device}: ${sentences[reason]}`;
}
