import type { ErrorPayload } from "../../common/errors.ts";
import type { JsonValue } from "../document.ts";
import type { ImageReference, Preview, RunTimings } from "../events.ts";

/** Which part of {@link RunTimings} a piece of work counts towards. */
export type TimedPart = Exclude<keyof RunTimings, "totalMs">;

/** What a node's runner gets besides its inputs and params. `Services` is what the nodes need from the engine side. */
export interface RunContext<Services> {
  readonly nodeId: string;
  readonly services: Services;
  readonly signal: AbortSignal;
  /** The workflow document that is being run, as JSON, for embedding in saved pictures. */
  readonly workflow: JsonValue;
  progress(update: {
    value: number;
    max: number;
    label?: string;
    /** What the label says, where people should read it in their own language. */
    labelCode?: "preparing";
    preview?: Preview;
  }): void;
  warn(warning: ErrorPayload): void;
  /** Facts shown on the node when it is done; kept with the cached result. */
  info(facts: Record<string, string | number | boolean>): void;
  /** Pictures shown on the node (and listed in the run's result when they have a path). Kept with the cached result. */
  images(references: ImageReference[]): void;
  /** Runs `work` and adds its wall time to one part of the run's timings. */
  timed<T>(part: TimedPart, work: () => Promise<T>): Promise<T>;
}

/** Values by port name. Values on links are immutable: a runner never changes what it was given. */
export type PortValues = Record<string, unknown>;
export type ParamValues = Record<string, JsonValue>;

export interface NodeRunner<Services> {
  /**
   * Whatever the result depends on besides params and inputs, as a string (identity of a file on disk, ...); it becomes
   * part of the content key under which the result is cached.
   */
  fingerprint?(services: Services, params: ParamValues, workflow?: JsonValue): Promise<string>;
  /** Memory that a cached result holds, in bytes; the cache evicts by it. 0 when absent. */
  sizeOf?(outputs: PortValues): number;
  /** Has an effect outside (writes a file): run again even when the result is cached, unless the file is still there. */
  isEffectCurrent?(services: Services, images: ImageReference[]): Promise<boolean>;
  /** Its outputs are lists ({@link newList}), an axis of their own. */
  makesLists?: boolean;
  /** Takes a list as a whole; other nodes run once for each item. */
  takesLists?: boolean;
  run(context: RunContext<Services>, inputs: PortValues, params: ParamValues): Promise<PortValues>;
}
