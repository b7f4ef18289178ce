import { createStore, type StoreApi } from "zustand/vanilla";
import type { DefinitionLookup } from "../../graph/definition.ts";
import type { Subgraph, WorkflowDocument, WorkflowLink, WorkflowNode } from "../../graph/document.ts";
import { withSubgraphs } from "../../graph/subgraphs/lookup.ts";
import { closed, emptyHistory, type History, record, stepBack, stepForward } from "./history.ts";
import { documentAfter } from "./kept-history.ts";
import { applyPatches, inScope, type Patch } from "./patch.ts";
import { isSameContent } from "./same-content.ts";
import { graphOf, type ScopePath, subgraphsOnPath } from "./scope.ts";

export interface DocumentState {
  /** The whole workflow: what is saved and run. */
  readonly document: WorkflowDocument;
  /** The graph that is being edited: the workflow's own, or that of the subgraph one is in. */
  readonly graph: WorkflowDocument;
  readonly path: ScopePath;
  /** The subgraphs along the path; the last one is being edited. */
  readonly inside: readonly Subgraph[];
  /** What the nodes of {@link graph} are. */
  readonly definitionOf: DefinitionLookup;
  /** Of {@link graph}. */
  readonly nodesById: ReadonlyMap<string, WorkflowNode>;
  /** Link that feeds an input of {@link graph}, by `node\nport`. */
  readonly linkByInput: ReadonlyMap<string, WorkflowLink>;
  /** Inputs of each node of {@link graph} that links go to, one per line: a text, so that equal ones are the same. */
  readonly linkedInputs: ReadonlyMap<string, string>;
  readonly history: History;
  /** The document as last saved or opened, where that is known; a document that says something else is dirty. */
  readonly savedDocument: WorkflowDocument | undefined;
  /** How many steps had been done when it was saved; `undefined` when no undoing leads there. */
  readonly savedStep: number | undefined;
  /** File name it was opened from or saved under. */
  readonly fileName: string | undefined;
  /** Where that file lies, in the host's own words. */
  readonly place: string | undefined;
}

/** Where a workflow comes from. */
export interface Origin {
  /** File name it was opened from or saved under. */
  readonly fileName?: string | undefined;
  /** Where that file lies, in the host's own words. */
  readonly place?: string | undefined;
  /** It is in no file as it is. */
  readonly dirty?: boolean;
  /** How many steps from here it was as it is in its file: below 0 back, else forward. */
  readonly savedSteps?: number | undefined;
  /** The steps that led to it, of an earlier time. */
  readonly history?: History | undefined;
}

export interface Change {
  readonly label: string;
  readonly patches: readonly Patch[];
  readonly gesture?: string | undefined;
  /** The patches are for the whole document; otherwise those of nodes, links and frames are for the graph being edited. */
  readonly whole?: boolean;
}

/**
 * Holds the open workflow and its history of patches. Knows nothing of React, selection, viewport or runs.
 */
export interface DocumentStore extends StoreApi<DocumentState> {
  /** Applies a change as one step of undo; no patches, no step. */
  commit(change: Change): void;
  undo(): void;
  redo(): void;
  /** Goes into a subgraph, or out of one; a path that leads nowhere is followed as far as it goes. */
  enter(path: ScopePath): void;
  /** Opens another document; without a history of its own, with an empty one. */
  load(document: WorkflowDocument, origin?: Origin): void;
  /** Remembers where the graph is looked at from; neither undone nor an unsaved change. */
  setView(view: WorkflowDocument["view"]): void;
  /** `document` is what was written: later changes stay unsaved. */
  markSaved(document: WorkflowDocument, fileName: string, place?: string): void;
}

export const inputKey = (node: string, port: string): string => `${node}\n${port}`;

const comparisons = new WeakMap<WorkflowDocument, { saved: WorkflowDocument; isSame: boolean }>();

/** Whether the document says something else than its file: what is undone, or put back by hand, is no change. */
export function isDirty({ document, savedDocument }: DocumentState): boolean {
  if (!savedDocument) return true;
  const known = comparisons.get(document);
  if (known?.saved === savedDocument) return !known.isSame;
  const isSame = isSameContent(document, savedDocument);
  comparisons.set(document, { saved: savedDocument, isSame });
  return !isSame;
}

/** Where the saved document is in the history, as {@link Origin.savedSteps}. */
export const savedStepsOf = ({ savedStep, history }: DocumentState): number | undefined =>
  savedStep === undefined ? undefined : savedStep - history.past.length;

const knowsNothing: DefinitionLookup = () => undefined;

export function createDocumentStore(initial: WorkflowDocument, base: DefinitionLookup = knowsNothing): DocumentStore {
  const store = createStore<DocumentState>(() => ({
    document: initial,
    ...partsOf(initial, [], base),
    history: emptyHistory,
    savedDocument: initial,
    savedStep: 0,
    fileName: undefined,
    place: undefined,
  }));
  const apply = (patches: readonly Patch[], history: History, path: ScopePath) => {
    const previous = store.getState();
    const document = applyPatches(previous.document, patches);
    store.setState({ document, history, ...partsOf(document, path, base, previous) });
  };
  return Object.assign(store, {
    commit({ label, patches, gesture, whole = false }: Change) {
      if (patches.length === 0) return;
      const { inside, path, history, savedStep } = store.getState();
      const placed = whole ? patches : inScope(patches, inside.at(-1)?.id);
      const recorded = record(history, { label, patches: placed, gesture, path });
      // A new step takes the place of those that were undone, and what a gesture goes on with is another step.
      const isLost = savedStep !== undefined && savedStep >= recorded.past.length;
      if (isLost) store.setState({ savedStep: undefined });
      apply(placed, recorded, path);
    },
    undo() {
      const step = stepBack(store.getState().history);
      if (step) apply(step.patches, step.history, step.path);
    },
    redo() {
      const step = stepForward(store.getState().history);
      if (step) apply(step.patches, step.history, step.path);
    },
    enter(path: ScopePath) {
      const previous = store.getState();
      store.setState(partsOf(previous.document, path, base, previous));
    },
    load(document: WorkflowDocument, origin: Origin = {}) {
      const history = origin.history ?? emptyHistory;
      const savedSteps = origin.dirty ? origin.savedSteps : 0;
      const savedDocument = savedSteps === undefined ? undefined : documentAfter(document, history, savedSteps);
      store.setState({
        document,
        ...partsOf(document, [], base),
        history,
        savedDocument,
        savedStep: savedDocument && savedSteps !== undefined ? history.past.length + savedSteps : undefined,
        fileName: origin.fileName,
        place: origin.place,
      });
    },
    setView(view: WorkflowDocument["view"]) {
      store.setState((state) => {
        const id = state.inside.at(-1)?.id;
        const document =
          id === undefined
            ? { ...state.document, view }
            : {
                ...state.document,
                subgraphs: (state.document.subgraphs ?? []).map((one) => (one.id === id ? { ...one, view } : one)),
              };
        return {
          document,
          ...partsOf(document, state.path, base, state),
          ...(isDirty(state) ? {} : { savedDocument: document }),
        };
      });
    },
    markSaved(document: WorkflowDocument, fileName: string, place?: string) {
      store.setState(({ document: now, history }) => {
        const isNow = isSameContent(now, document);
        return {
          savedDocument: document,
          savedStep: isNow ? history.past.length : undefined,
          // What is typed after saving is a step of its own, so that undoing it leads to what is in the file.
          history: isNow ? closed(history) : history,
          fileName,
          place,
        };
      });
    },
  });
}

type Parts = Pick<
  DocumentState,
  "graph" | "path" | "inside" | "definitionOf" | "nodesById" | "linkByInput" | "linkedInputs"
>;

/** What follows from a document and a place in it; what is as it was keeps its identity. */
function partsOf(
  document: WorkflowDocument,
  wanted: ScopePath,
  base: DefinitionLookup,
  previous?: DocumentState,
): Parts {
  const inside = subgraphsOnPath(document, wanted);
  const path = inside.length === wanted.length ? wanted : wanted.slice(0, inside.length);
  const graph = graphOf(document, inside.at(-1));
  const isSamePlace = previous?.inside.at(-1)?.id === inside.at(-1)?.id;
  return {
    graph,
    path: previous && isSamePath(previous.path, path) ? previous.path : path,
    inside: previous?.inside.length === 0 && inside.length === 0 ? previous.inside : inside,
    definitionOf:
      previous && isSamePlace && previous.document.subgraphs === document.subgraphs
        ? previous.definitionOf
        : withSubgraphs(document, base, inside.at(-1)?.id),
    nodesById:
      previous?.graph.nodes === graph.nodes ? previous.nodesById : new Map(graph.nodes.map((node) => [node.id, node])),
    linkByInput:
      previous?.graph.links === graph.links
        ? previous.linkByInput
        : new Map(graph.links.map((link) => [inputKey(link.to.node, link.to.port), link])),
    linkedInputs: previous?.graph.links === graph.links ? previous.linkedInputs : linkedInputsOf(graph),
  };
}

function linkedInputsOf({ links }: WorkflowDocument): Map<string, string> {
  const inputs = new Map<string, string>();
  for (const { to } of links) {
    const before = inputs.get(to.node);
    inputs.set(to.node, before === undefined ? to.port : `${before}\n${to.port}`);
  }
  return inputs;
}

const isSamePath = (a: ScopePath, b: ScopePath): boolean => a.length === b.length && a.every((id, at) => id === b[at]);
