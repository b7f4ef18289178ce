import { createStore, type StoreApi } from "zustand/vanilla";
import type { DefinitionLookup } from "../../graph/definition.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { Problem } from "../../graph/problems.ts";
import { validateWorkflow } from "../../graph/validate.ts";
import type { DocumentStore } from "../document/document-store.ts";

/** What keeps the workflow from running, known before it is run. */
export interface IssueState {
  readonly byNode: ReadonlyMap<string, readonly Problem[]>;
  /** Problems of the whole workflow, such as having no output. */
  readonly general: readonly Problem[];
  readonly errors: number;
}
export type IssueStore = StoreApi<IssueState>;

const DELAY_MS = 80;

export function createIssueStore(documents: DocumentStore, definitionOf: DefinitionLookup): IssueStore {
  const store = createStore<IssueState>(() => check(documents.getState().document, definitionOf));
  let isScheduled = false;
  documents.subscribe((state, before) => {
    const isSame = state.document.nodes === before.document.nodes && state.document.links === before.document.links;
    if (isSame || isScheduled) return;
    isScheduled = true;
    setTimeout(() => {
      isScheduled = false;
      const next = check(documents.getState().document, definitionOf);
      store.setState((previous) => ({ ...next, byNode: keepUnchanged(previous.byNode, next.byNode) }));
    }, DELAY_MS);
  });
  return store;
}

function check(document: WorkflowDocument, definitionOf: DefinitionLookup): IssueState {
  const issues = validateWorkflow(document, definitionOf);
  const byNode = Map.groupBy(
    issues.filter((issue) => issue.nodeId !== undefined),
    (issue) => issue.nodeId as string,
  );
  return {
    byNode,
    general: issues.filter((issue) => issue.nodeId === undefined),
    errors: issues.filter((issue) => issue.severity === "error").length,
  };
}

/** Lists that say the same keep their identity, so that their nodes are not drawn again. */
function keepUnchanged(before: IssueState["byNode"], after: IssueState["byNode"]): IssueState["byNode"] {
  return new Map(
    [...after].map(([id, issues]) => {
      const previous = before.get(id);
      return [id, previous && JSON.stringify(previous) === JSON.stringify(issues) ? previous : issues];
    }),
  );
}
