import type { ImageReference, RunEvent } from "../graph/events.ts";
import type { HostEvent, HostInfo, ModelEntry, Template } from "../protocol/contract.ts";
import type { DeviceService } from "./devices/device-service.ts";
import type { EngineChild } from "./engine-process/engine-child.ts";
import { engineEnvironment } from "./engine-process/engine-settings.ts";
import { EngineSupervisor } from "./engine-process/supervisor.ts";
import { EventHub } from "./event-hub.ts";
import type { HostServices, StoredFile } from "./host-services.ts";
import { isInTrash, type PictureGallery } from "./library/gallery.ts";
import { RunResults } from "./library/run-results.ts";
import type { ModelManager } from "./models/model-manager.ts";
import { JobQueue, type JobQueueOptions } from "./queue/job-queue.ts";
import { JobStore } from "./queue/job-store.ts";
import { factsOf, priorityOf, runQueue } from "./queue/run-queue.ts";
import type { SubgraphLibrary } from "./services/subgraph-library.ts";

/** What lies on this machine's disks, seen from the host process: no engine needed. */
export interface HostLibrary {
  readonly outputFolder: string;
  readonly modelsFolder: string;
  listModels(kind?: ModelEntry["kind"]): Promise<ModelEntry[]>;
  listTemplates(): Promise<Template[]>;
  listWildcards(): Promise<string[]>;
  readonly gallery: PictureGallery;
  readonly subgraphs: SubgraphLibrary;
  readonly models: ModelManager;
  /** Asks to be told what happens to the models. */
  follow(publish: (event: HostEvent) => void): void;
  putImage(bytes: Uint8Array): Promise<ImageReference>;
  openImage(hash: string, thumbnail?: number): Promise<StoredFile | undefined>;
  close(): Promise<void>;
}

export interface LocalHostOptions {
  kind: HostInfo["kind"];
  version: string;
  library: HostLibrary;
  devices: DeviceService;
  /** Where jobs are kept; in memory when absent. Closed with the host. */
  jobStore?: JobStore;
  jobLimits?: JobQueueOptions;
  /** What workflows made, for windows that open them again; in memory when absent. Closed with the host. */
  results?: RunResults;
  /** @param environment what to add to that of the engine process */
  spawnEngine(environment: Readonly<Record<string, string>>): EngineChild;
  onLog?(level: "info" | "error", message: string, details?: object): void;
}

/** A host, with the queue behind its runs, to which programs' interfaces submit as well. */
export interface LocalHost extends HostServices {
  readonly jobs: JobQueue;
  /** Starts the engine ahead of its first run. */
  warmUp(): void;
}

/** As many as are looked through at a glance; older ones are in the gallery. */
const MOST_RESULTS = 100;

/** A host on this machine: its files, its run queue and its engine process, which starts when the first window is there. */
export function createLocalHost({
  kind,
  version,
  library,
  devices,
  jobStore,
  jobLimits,
  results = new RunResults(),
  spawnEngine,
  onLog,
}: LocalHostOptions): LocalHost {
  const hub = new EventHub();
  const supervisor = new EngineSupervisor({
    spawn: spawnEngine,
    configure: async () => engineEnvironment(await devices.configure()),
    onCrash: (error) => devices.crashed(error),
    onState: (state, message) => hub.publish({ type: "engine-state", state, message }),
    ...(onLog ? { onLog } : {}),
  });
  devices.onChange(() => supervisor.restart());
  /** By run: the workflow that it is of. */
  const workflows = new Map<string, string>();
  const keepResults = (event: RunEvent) => {
    const workflow = workflows.get(event.runId);
    if (event.type === "run-finished") workflows.delete(event.runId);
    if (workflow === undefined || event.type !== "node-finished" || !event.images?.length) return;
    try {
      results.add(workflow, { nodeId: event.nodeId, runId: event.runId, images: event.images });
    } catch (error) {
      // The pictures are there, and shown; only the next window to open the workflow does not hear of them.
      onLog?.("error", "What a workflow made could not be noted", { error: String(error) });
    }
  };
  const publish = (event: HostEvent) => {
    if (event.type === "run") keepResults(event.event);
    if (event.type === "run" && event.event.type === "run-finished" && event.event.error) {
      onLog?.("error", event.event.error.message, event.event.error);
    }
    hub.publish(event);
  };
  const jobs = new JobQueue(supervisor, jobStore ?? new JobStore(":memory:"), publish, jobLimits);
  hub.publish({ type: "engine-state", state: supervisor.state });
  hub.publish({ type: "queue", running: null, waiting: [] });
  library.follow((event) => hub.publish(event));

  return {
    jobs,
    warmUp: () => supervisor.warmUp(),
    info: () => ({
      version,
      platform: process.platform,
      kind,
      engine: supervisor.state,
      outputFolder: library.outputFolder,
      modelsFolder: library.modelsFolder,
    }),
    subscribe(options) {
      supervisor.warmUp();
      return hub.subscribe(options);
    },
    startRun({ priority, ...request }) {
      const started = jobs.start({
        ...request,
        ...(priority ? { priority: priorityOf(priority) } : {}),
        facts: factsOf(request.document),
      });
      if (request.document.id !== undefined) workflows.set(started.runId, request.document.id);
      return started;
    },
    async resultsOf(workflow) {
      const latest = results.latest(workflow, MOST_RESULTS);
      const files = await Promise.all(latest.map(({ image }) => library.openImage(image.hash)));
      return latest.filter((_, at) => files[at] && !isInTrash(library.outputFolder, files[at].path));
    },
    runs: runQueue(jobs),
    cancelRun: (runId) => jobs.cancel(runId),
    listModels: (kind) => library.listModels(kind),
    listTemplates: () => library.listTemplates(),
    listWildcards: () => library.listWildcards(),
    countTokens: (checkpoint, text) => supervisor.countTokens(checkpoint, text),
    gallery: library.gallery,
    subgraphs: library.subgraphs,
    models: library.models,
    devices,
    putImage: (bytes) => library.putImage(bytes),
    openImage: (hash, thumbnail) => library.openImage(hash, thumbnail),
    async close() {
      devices.close();
      // The engine is told to stop at the same time: it may not hear of a cancelled run for minutes.
      await Promise.all([jobs.close(), supervisor.close()]);
      hub.close();
      results.close();
      await library.close();
    },
  };
}
