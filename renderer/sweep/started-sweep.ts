import type { Sweep } from "../../graph/document.ts";
import type { ImageReference } from "../../graph/events.ts";
import { type Cell, valueText } from "./cells.ts";

/** A matrix of runs that was queued: which run each cell became, and its picture. */
export interface StartedSweep {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly sweep: Sweep;
  /** What the axes are, as people read it: node and parameter, and the parameter alone. */
  readonly labels: readonly string[];
  readonly names: readonly string[];
  readonly cells: readonly Cell[];
  /** By cell; absent while it is being queued, or when it could not be. */
  readonly runIds: readonly (string | undefined)[];
  /** By cell; absent until its run has ended. */
  readonly images: readonly (ImageReference | undefined)[];
}

/** The values of a cell: `Steps = 8 · Seed = 3`. */
export const cellLabel = ({ names, cells }: StartedSweep, at: number): string =>
  (cells[at] ?? []).map((value, axis) => `${names[axis] ?? ""} = ${valueText(value)}`).join(" · ");
