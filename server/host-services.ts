import type { WorkflowDocument } from "../graph/document.ts";
import type { ImageReference } from "../graph/events.ts";
import type { HostEvent, HostInfo, ModelEntry, Template } from "../protocol/contract.ts";
import type { RunLogLine } from "../protocol/run-log.ts";
import type { RunPriority, RunResult, RunSummary } from "../protocol/runs.ts";
import type { DeviceService } from "./devices/device-service.ts";
import type { PictureGallery } from "./library/gallery.ts";
import type { ModelManager } from "./models/model-manager.ts";
import type { SubgraphLibrary } from "./services/subgraph-library.ts";

/** A file that a host may hand to its renderer. */
export interface StoredFile {
  /** Absolute. */
  path: string;
  mimeType: string;
}

/** An event with its place in the host's history, by which a window that lost its connection catches up. */
export interface NumberedHostEvent {
  id: string;
  event: HostEvent;
}

/** The queue as a window shows it. */
export interface RunQueue {
  /** What runs, what waits in its order, and the last `finished` runs that ended, the latest first. */
  list(finished: number): RunSummary[];
  /** `false` when the run does not wait (any more); so for `prioritise`. */
  move(runId: string, index: number): boolean;
  prioritise(runId: string, priority: RunPriority): boolean;
  /** Cancels what windows have waiting; how many that were. */
  clear(): number;
  log(runId: string): RunLogLine[];
}

/**
 * What a host does for its windows, whatever carries the words: the router speaks it over WebSocket and MessagePort, the
 * HTTP app serves its pictures.
 */
export interface HostServices {
  /** All but what depends on who is served. */
  info(): Omit<HostInfo, "listsFolders">;
  /** Begins with the current state; `lastEventId` asks for the end of a run that was missed. Ends when `signal` aborts. */
  subscribe(options: {
    lastEventId?: string | undefined;
    signal?: AbortSignal | undefined;
  }): AsyncIterable<NumberedHostEvent>;
  startRun(request: {
    document: WorkflowDocument;
    targets?: string[] | undefined;
    priority?: RunPriority | undefined;
  }): { runId: string };
  cancelRun(runId: string): boolean;
  readonly runs: RunQueue;
  /** The latest pictures of a workflow that are still there, the latest first. */
  resultsOf(workflow: string): Promise<RunResult[]>;
  listModels(kind?: ModelEntry["kind"]): Promise<ModelEntry[]>;
  listTemplates(): Promise<Template[]>;
  listWildcards(): Promise<string[]>;
  countTokens(checkpoint: string, text: string): Promise<{ tokens: number; limit: number }>;
  readonly gallery: PictureGallery;
  readonly subgraphs: SubgraphLibrary;
  readonly models: ModelManager;
  readonly devices: DeviceService;
  /** Keeps a picture that somebody gave, for workflows to name. */
  putImage(bytes: Uint8Array): Promise<ImageReference>;
  /** The picture with this SHA-256, or a WebP of it that fits into `thumbnail` pixels; `undefined` when there is none. */
  openImage(hash: string, thumbnail?: number): Promise<StoredFile | undefined>;
  close(): Promise<void>;
}
