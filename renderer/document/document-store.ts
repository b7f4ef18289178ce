import { createStore, type StoreApi } from "zustand/vanilla";
import type { WorkflowDocument, WorkflowLink, WorkflowNode } from "../../graph/document.ts";
import { emptyHistory, type History, record, stepBack, stepForward } from "./history.ts";
import { applyPatches, type Patch } from "./patch.ts";

export interface DocumentState {
  readonly document: WorkflowDocument;
  readonly nodesById: ReadonlyMap<string, WorkflowNode>;
  /** Link that feeds an input, by `node\nport`. */
  readonly linkByInput: ReadonlyMap<string, WorkflowLink>;
  readonly history: History;
  /** The document as last saved or opened; a document is dirty when it is another one. */
  readonly savedDocument: WorkflowDocument;
  /** File name it was opened from or saved under. */
  readonly fileName: string | undefined;
}

export interface Change {
  readonly label: string;
  readonly patches: readonly Patch[];
  readonly gesture?: string;
}

/**
 * Holds the open workflow and its history of patches. Knows nothing of React, selection, viewport or runs.
 */
export interface DocumentStore extends StoreApi<DocumentState> {
  /** Applies a change as one step of undo; no patches, no step. */
  commit(change: Change): void;
  undo(): void;
  redo(): void;
  /** Opens another document with an empty history. */
  load(document: WorkflowDocument, origin?: { fileName?: string | undefined; dirty?: boolean }): void;
  /** Remembers where the workflow is looked at from; neither undone nor an unsaved change. */
  setView(view: WorkflowDocument["view"]): void;
  /** `document` is what was written: later changes stay unsaved. */
  markSaved(document: WorkflowDocument, fileName: string): void;
}

export const inputKey = (node: string, port: string): string => `${node}\n${port}`;
export const isDirty = (state: DocumentState): boolean => state.document !== state.savedDocument;

export function createDocumentStore(initial: WorkflowDocument): DocumentStore {
  const store = createStore<DocumentState>(() => ({
    document: initial,
    ...indexesOf(initial),
    history: emptyHistory,
    savedDocument: initial,
    fileName: undefined,
  }));
  const apply = (patches: readonly Patch[], history: History) => {
    const previous = store.getState();
    const document = applyPatches(previous.document, patches);
    store.setState({ document, history, ...indexesOf(document, previous) });
  };
  return Object.assign(store, {
    commit({ label, patches, gesture }: Change) {
      if (patches.length === 0) return;
      apply(patches, record(store.getState().history, { label, patches, gesture }));
    },
    undo() {
      const step = stepBack(store.getState().history);
      if (step) apply(step.patches, step.history);
    },
    redo() {
      const step = stepForward(store.getState().history);
      if (step) apply(step.patches, step.history);
    },
    load(document: WorkflowDocument, origin: { fileName?: string | undefined; dirty?: boolean } = {}) {
      store.setState({
        document,
        ...indexesOf(document),
        history: emptyHistory,
        savedDocument: origin.dirty ? { ...document } : document,
        fileName: origin.fileName,
      });
    },
    setView(view: WorkflowDocument["view"]) {
      store.setState((state) => {
        const document = { ...state.document, view };
        return { document, ...(isDirty(state) ? {} : { savedDocument: document }) };
      });
    },
    markSaved(document: WorkflowDocument, fileName: string) {
      store.setState({ savedDocument: document, fileName });
    },
  });
}

type Indexes = Pick<DocumentState, "nodesById" | "linkByInput">;

function indexesOf(document: WorkflowDocument, previous?: DocumentState): Indexes {
  return {
    nodesById:
      previous?.document.nodes === document.nodes
        ? previous.nodesById
        : new Map(document.nodes.map((node) => [node.id, node])),
    linkByInput:
      previous?.document.links === document.links
        ? previous.linkByInput
        : new Map(document.links.map((link) => [inputKey(link.to.node, link.to.port), link])),
  };
}
