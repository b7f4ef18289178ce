import type { ReactFlowInstance } from "@xyflow/react";
import type { DefinitionLookup, NodeDefinition } from "../../graph/definition.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { Host } from "../../protocol/host.ts";
import { createFlowStore, type FlowLink, type FlowNode, type FlowStore } from "../canvas/flow-store.ts";
import { createDocumentStore, type DocumentStore } from "../document/document-store.ts";
import { createGalleryStore, type GalleryStore } from "../gallery/gallery-store.ts";
import { runMemory } from "../run/run-memory.ts";
import { createRunStore, type RunStore } from "../run/run-store.ts";
import type { SettingsStore } from "../settings/settings-store.ts";
import { createHostStore, type HostStore } from "./host-store.ts";
import { createIssueStore, type IssueStore } from "./issue-store.ts";
import { createViewStore, type ViewStore } from "./view-store.ts";

/** One window: its host, the open workflow, what is drawn, what runs. Components reach it through `useSession`. */
export interface Session {
  readonly host: Host;
  readonly hostState: HostStore;
  readonly definitions: readonly NodeDefinition[];
  readonly definitionOf: DefinitionLookup;
  readonly documents: DocumentStore;
  readonly flow: FlowStore;
  readonly issues: IssueStore;
  readonly runs: RunStore;
  readonly gallery: GalleryStore;
  readonly view: ViewStore;
  readonly settings: SettingsStore;
  /** The canvas, once it is drawn: pans, zooms, converts positions. */
  canvas: ReactFlowInstance<FlowNode, FlowLink> | undefined;
}

export function createSession({
  host,
  settings,
  definitions,
  definitionOf,
  document,
}: {
  host: Host;
  settings: SettingsStore;
  definitions: readonly NodeDefinition[];
  definitionOf: DefinitionLookup;
  document: WorkflowDocument;
}): Session {
  const documents = createDocumentStore(document);
  return {
    host,
    hostState: createHostStore(host),
    definitions,
    definitionOf,
    documents,
    flow: createFlowStore(documents, definitionOf),
    issues: createIssueStore(documents, definitionOf),
    runs: createRunStore(host, runMemory(sessionStorage)),
    gallery: createGalleryStore(host),
    view: createViewStore(),
    settings,
    canvas: undefined,
  };
}
