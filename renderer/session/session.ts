import type { ReactFlowInstance } from "@xyflow/react";
import type { StoreApi } from "zustand/vanilla";
import type { DefinitionLookup, NodeDefinition } from "../../graph/definition.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { Host } from "../../protocol/host.ts";
import { createFaceStore, type FaceStore } from "../app-view/face-store.ts";
import { createFlowStore, type FlowLink, type FlowNode, type FlowStore } from "../canvas/flow-store.ts";
import { createDocumentStore, type DocumentStore, type Origin } from "../document/document-store.ts";
import type { History } from "../document/history.ts";
import type { GalleryStore } from "../gallery/gallery-store.ts";
import type { QueueStore } from "../run/queue-store.ts";
import { runMemory } from "../run/run-memory.ts";
import { createRunStore, type RunStore } from "../run/run-store.ts";
import type { SettingsStore } from "../settings/settings-store.ts";
import type { SubgraphLibraryStore } from "../subgraph/library-store.ts";
import { sweepMemory } from "../sweep/sweep-memory.ts";
import { createSweepStore, type SweepStore } from "../sweep/sweep-store.ts";
import { sharedStorage } from "./browser-storage.ts";
import type { HostStore } from "./host-store.ts";
import { createIssueStore, type IssueStore } from "./issue-store.ts";
import type { ViewStore } from "./view-store.ts";

/** What all tabs of a window share. */
export interface Studio {
  readonly host: Host;
  readonly hostState: HostStore;
  readonly definitions: readonly NodeDefinition[];
  readonly definitionOf: DefinitionLookup;
  readonly gallery: GalleryStore;
  /** The host's queue, of all windows. */
  readonly queue: QueueStore;
  /** What is open above the canvas; belongs to the tab in front. */
  readonly view: ViewStore;
  readonly settings: SettingsStore;
  /** Subgraphs that were kept for any workflow. */
  readonly library: SubgraphLibraryStore;
}

/**
 * One tab: an open workflow, what is drawn of it, what runs; and the window's parts that it shares with the other tabs.
 * Components reach the one in front through `useSession`.
 */
export interface Session extends Studio {
  /** The same across reloads and restarts. */
  readonly id: string;
  readonly workspace: Workspace;
  readonly documents: DocumentStore;
  /** Of the graph that is being edited: the nodes of Heddle, and the subgraphs of this workflow. */
  readonly definitionOf: DefinitionLookup;
  readonly flow: FlowStore;
  readonly issues: IssueStore;
  readonly runs: RunStore;
  /** Matrices of runs of this workflow. */
  readonly sweeps: SweepStore;
  /** As a graph, or as a form. */
  readonly face: FaceStore;
  /** The canvas, once it is drawn: pans, zooms, converts positions. */
  canvas: ReactFlowInstance<FlowNode, FlowLink> | undefined;
}

/** The tabs of a window, and which of them is in front. */
export interface WorkspaceState {
  readonly tabs: readonly Session[];
  /** The tab in front; none while the start page is. */
  readonly active: string | undefined;
}

/** A workflow as a tab keeps it. */
export interface TabContent {
  readonly id: string;
  readonly document: WorkflowDocument;
  readonly fileName: string | undefined;
  /** Where that file lies, in the host's own words. */
  readonly place?: string | undefined;
  readonly dirty: boolean;
  /** How many steps from here it was as it is in its file: below 0 back, else forward. */
  readonly savedSteps?: number | undefined;
  readonly history?: History | undefined;
}

export interface Workspace extends StoreApi<WorkspaceState> {
  /** The tab in front; behind the start page, an empty one that is in no list. */
  current(): Session;
  find(id: string): Session | undefined;
  /** Opens a workflow in a tab of its own, in front; an untouched empty tab gives its place. */
  open(document: WorkflowDocument, origin?: Origin): Session;
  /** Opens the tabs of an earlier time, in their order. */
  restore(contents: readonly TabContent[], active: string | undefined): void;
  /** `undefined` brings the start page to the front. */
  activate(id: string | undefined): void;
  /** The tab that is `by` places further on comes to the front, round and round. */
  step(by: number): void;
  /** Moves a tab to a place in the list. */
  move(id: string, index: number): void;
  /** Closes a tab whether or not it is saved; {@link reopen} brings it back. */
  close(id: string): void;
  /** Opens the tab again that was closed last. Returns whether there was one. */
  reopen(): boolean;
}

/** A workflow that has no id yet is called as its tab is, which is so across reloads. */
export function createSession(
  studio: Studio,
  {
    id,
    workspace,
    document,
    origin = {},
  }: { id: string; workspace: Workspace; document: WorkflowDocument; origin?: Origin },
): Session {
  const named = document.id === undefined ? { ...document, id } : document;
  const documents = createDocumentStore(named, studio.definitionOf);
  const definitionOf: DefinitionLookup = (type) => documents.getState().definitionOf(type);
  documents.load(named, origin);
  const runs = createRunStore(studio.host, runMemory(sharedStorage(), id), (nodeId) =>
    countsSteps(definitionOf(documents.getState().nodesById.get(nodeId)?.type ?? "")),
  );
  return {
    ...studio,
    definitionOf,
    id,
    workspace,
    documents,
    flow: createFlowStore(documents),
    issues: createIssueStore(documents),
    runs,
    sweeps: createSweepStore(runs, sweepMemory(sharedStorage(), id)),
    face: createFaceStore(),
    canvas: undefined,
  };
}

/** Nodes that go through steps take most of a run. */
function countsSteps(definition: NodeDefinition | undefined): boolean {
  return definition?.params.some(({ name }) => name === "steps") ?? false;
}
