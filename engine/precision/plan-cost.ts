import type { Device } from "../runtime/session-pool.ts";
import type { IntegerKernels } from "./integer-kernels.ts";
import { isDerived, type PrecisionPlan, type VaePlan } from "./plan.ts";

/** What a plan takes and what it gives. */
export interface PlanCost {
  /** Of the weights. */
  readonly memoryBytes: number;
  /** Of the weights that are made for it; 0 where the model's own are used. */
  readonly diskBytes: number;
  /** Of a step, beside float32 on the same device; null where nothing like it was measured. */
  readonly relativeTime: number | null;
  /** PSNR of pictures beside float32; null where they are the same. */
  readonly decibels: number | null;
}

/** Where a plan is to run. */
export interface PlanPlace {
  readonly device: Device;
  readonly cpu: IntegerKernels;
}

/** Bytes that a weight takes in memory. */
export const bytesPerWeight: Record<PrecisionPlan, number> = {
  reference: 4,
  h8: 1,
  w16: 2,
  int8: 1.03,
  int4: 0.63,
  fp16: 2,
};

/** Medians of docs/accuracy.md: `npm run bench -- accuracy`. */
const decibels: Record<PrecisionPlan, number | null> = {
  reference: null,
  w16: 76,
  fp16: 72,
  h8: 54,
  int8: 55,
  int4: 37,
};

type Times = Partial<Record<PrecisionPlan, number>>;

/**
 * Time of one block with Z-Image's dimensions at 1056 tokens beside float32 (docs/performance.md, `npm run bench -- step`), on
 * processors with matrix instructions for integers (AMX), with products of bytes (VNNI), and with saturating ones only (AVX2).
 */
const matrixTimes: Times = { reference: 1, h8: 0.2, w16: 0.36 };
const productTimes: Times = { reference: 1, h8: 0.29, w16: 0.93, int8: 0.54, int4: 0.79 };
const saturatingTimes: Times = { reference: 1, h8: 0.7, w16: 1.9, int8: 1.3, int4: 0.98 };

/** From here on, integer products are faster than any vector instructions make them. */
const MATRIX_SPEEDUP = 8;
/** Below this the processor is like none that was measured. */
const KNOWN_SPEEDUP = 1.5;

/** @param parameters values in all of the part's weights */
export function planCost(plan: PrecisionPlan, parameters: number, place: PlanPlace): PlanCost {
  const bytes = parameters * bytesPerWeight[plan];
  return {
    memoryBytes: bytes,
    diskBytes: isDerived(plan) ? bytes : 0,
    relativeTime: plan === "reference" ? 1 : (timesOf(place)[plan] ?? null),
    decibels: decibels[plan],
  };
}

function timesOf({ device, cpu }: PlanPlace): Times {
  if (device !== "cpu") return {};
  if (cpu.saturates) return saturatingTimes;
  if (cpu.speedup >= MATRIX_SPEEDUP) return matrixTimes;
  return cpu.speedup >= KNOWN_SPEEDUP ? productTimes : {};
}

/** The picture that {@link vaeCost} speaks of. */
export const VAE_COST_PIXELS = 1024 ** 2;
/** Strips take about this much of the memory of the whole picture, and this much longer (docs/performance.md). */
const STRIPS_MEMORY = 0.28;
const STRIPS_TIME = 1.02;
/** 0.012 of 255 on average. */
const STRIPS_DECIBELS = 80;

/** @param bytesPerPixel that decoding a whole picture takes */
export function vaeCost(plan: VaePlan, bytesPerPixel: number): PlanCost {
  const bytes = VAE_COST_PIXELS * bytesPerPixel;
  return plan === "whole"
    ? { memoryBytes: bytes, diskBytes: 0, relativeTime: 1, decibels: null }
    : { memoryBytes: bytes * STRIPS_MEMORY, diskBytes: 0, relativeTime: STRIPS_TIME, decibels: STRIPS_DECIBELS };
}

/** As a sentence for people: "6.2 GB of memory and of disk, about 0.29 times the time of float32, no visible difference (54 dB)." */
export function costSentence({ memoryBytes, diskBytes, relativeTime, decibels }: PlanCost): string {
  const parts = [
    `${sizeText(memoryBytes)} of memory${diskBytes > 0 ? " and of disk" : ""}`,
    relativeTime !== null && relativeTime !== 1 && `about ${relativeTime} times the time of float32`,
    likenessText(decibels),
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}

/** Above this nobody sees a difference; above the next, measures hardly do. */
const INVISIBLE_DECIBELS = 50;
const NEARLY_EXACT_DECIBELS = 70;

function likenessText(value: number | null): string {
  if (value === null) return "exact";
  if (value >= NEARLY_EXACT_DECIBELS) return `nearly exact (${value} dB)`;
  return value >= INVISIBLE_DECIBELS ? `no visible difference (${value} dB)` : `details differ (${value} dB)`;
}

const sizeText = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`;
