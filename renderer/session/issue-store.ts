import { createStore, type StoreApi } from "zustand/vanilla";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { Problem } from "../../graph/problems.ts";
import { validateWorkflow } from "../../graph/validate.ts";
import type { DocumentState, DocumentStore } from "../document/document-store.ts";
import { prefixOf } from "../document/scope.ts";

/** What keeps the workflow from running, known before it is run. */
export interface IssueState {
  /** By node of the graph that is being edited; what is wrong inside a subgraph, by the node that stands for it. */
  readonly byNode: ReadonlyMap<string, readonly Problem[]>;
  /** Problems of the whole workflow, such as having no output. */
  readonly general: readonly Problem[];
  readonly errors: number;
}
export type IssueStore = StoreApi<IssueState>;

/** The whole workflow is looked through: not between two keys that are typed one after the other, but not never either. */
const PAUSE_MS = 150;
const MOST_MS = 600;

export function createIssueStore(documents: DocumentStore): IssueStore {
  let checked: { document: WorkflowDocument; problems: readonly Problem[] } | undefined;
  const problemsOf = ({ document, definitionOf }: DocumentState) => {
    // Going into a subgraph asks again, and changes nothing.
    if (checked?.document !== document) checked = { document, problems: validateWorkflow(document, definitionOf) };
    return checked.problems;
  };
  const store = createStore<IssueState>(() => group(documents.getState(), problemsOf(documents.getState())));
  const update = () => {
    const state = documents.getState();
    const next = group(state, problemsOf(state));
    store.setState((previous) => ({ ...next, byNode: keepUnchanged(previous.byNode, next.byNode) }));
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let changedAt: number | undefined;
  documents.subscribe((state, before) => {
    if (state.path !== before.path) update();
    if (isSameWork(state.document, before.document)) return;
    const now = Date.now();
    changedAt ??= now;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        changedAt = undefined;
        update();
      },
      Math.max(0, Math.min(PAUSE_MS, changedAt + MOST_MS - now)),
    );
  });
  return store;
}

const isSameWork = (a: WorkflowDocument, b: WorkflowDocument) =>
  a.nodes === b.nodes && a.links === b.links && a.subgraphs === b.subgraphs;

function group({ path, nodesById }: DocumentState, problems: readonly Problem[]): IssueState {
  const prefix = prefixOf(path);
  const byNode = new Map<string, Problem[]>();
  for (const problem of problems) {
    if (!problem.nodeId?.startsWith(prefix)) continue;
    const own = problem.nodeId.slice(prefix.length);
    const isHere = nodesById.has(own);
    const id = isHere ? own : [...parentsOf(own)].find((parent) => nodesById.has(parent));
    if (id === undefined) continue;
    // On the node for a subgraph the field inside means nothing.
    const { field: _inside, ...rest } = problem;
    const shown = isHere ? problem : rest;
    const list = byNode.get(id);
    if (list) list.push(shown);
    else byNode.set(id, [shown]);
  }
  return {
    byNode,
    general: problems.filter(({ nodeId }) => nodeId === undefined),
    errors: problems.filter(({ severity }) => severity === "error").length,
  };
}

/** `a/b`, `a` for `a/b/c`. */
function* parentsOf(id: string): Generator<string> {
  for (let at = id.lastIndexOf("/"); at > 0; at = id.lastIndexOf("/", at - 1)) yield id.slice(0, at);
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
