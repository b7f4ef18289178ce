import { createStore } from "zustand/vanilla";
import type { WorkflowDocument } from "../../graph/document.ts";
import { isDirty, type Origin, savedStepsOf } from "../document/document-store.ts";
import { randomId } from "../document/ids.ts";
import { translate } from "../i18n/i18n.ts";
import { forgetRuns, runMemory } from "../run/run-memory.ts";
import type { RunState } from "../run/run-state.ts";
import { forgetSweeps, sweepMemory } from "../sweep/sweep-memory.ts";
import type { SweepState } from "../sweep/sweep-store.ts";
import { sharedStorage } from "./browser-storage.ts";
import {
  createSession,
  type Session,
  type Studio,
  type TabContent,
  type Workspace,
  type WorkspaceState,
} from "./session.ts";

export type { TabContent, Workspace, WorkspaceState };

const MOST_CLOSED = 20;

/** What of a closed tab comes back with it: the workflow, its pictures and its matrices of runs. */
interface ClosedTab {
  readonly content: TabContent;
  readonly index: number;
  readonly results: RunState["results"];
  readonly sweeps: SweepState["all"];
}

export const emptyWorkflow = (): WorkflowDocument => ({
  format: "heddle-workflow",
  version: 1,
  title: translate("title.untitled"),
  nodes: [],
  links: [],
});

export function contentOf({ id, documents }: Session): TabContent {
  const state = documents.getState();
  const { document, fileName, place, history } = state;
  return { id, document, fileName, place, dirty: isDirty(state), savedSteps: savedStepsOf(state), history };
}

export function createWorkspace(studio: Studio, freshId: () => string = randomId): Workspace {
  const store = createStore<WorkspaceState>(() => ({ tabs: [], active: undefined }));
  const closed: ClosedTab[] = [];
  let blank: Session | undefined;

  const find = (id: string) => store.getState().tabs.find((tab) => tab.id === id);
  const show = (tabs: readonly Session[], active: string | undefined) => {
    const isAnother = active !== store.getState().active;
    store.setState({ tabs, active });
    if (isAnother) studio.view.leaveTab();
  };

  const workspace: Workspace = Object.assign(store, {
    current() {
      const { active } = store.getState();
      const tab = active === undefined ? undefined : find(active);
      if (tab) return tab;
      blank ??= createSession(studio, { id: "blank", workspace, document: emptyWorkflow() });
      return blank;
    },
    find,
    open(document: WorkflowDocument, origin: Origin = {}) {
      const { tabs, active } = store.getState();
      const session = createSession(studio, { id: freshId(), workspace, document, origin });
      const at = tabs.findIndex(({ id }) => id === active);
      const front = tabs[at];
      if (front && isUntouched(front)) show(tabs.with(at, session), session.id);
      else show(tabs.toSpliced(at < 0 ? tabs.length : at + 1, 0, session), session.id);
      return session;
    },
    restore(contents: readonly TabContent[], active: string | undefined) {
      const tabs = contents.map(({ id, document, ...origin }) =>
        createSession(studio, { id, workspace, document, origin }),
      );
      show(tabs, tabs.some(({ id }) => id === active) ? active : undefined);
    },
    activate(id: string | undefined) {
      if (id === undefined || find(id)) show(store.getState().tabs, id);
    },
    step(by: number) {
      const { tabs, active } = store.getState();
      if (tabs.length === 0) return;
      const at = tabs.findIndex(({ id }) => id === active);
      const from = at < 0 && by < 0 ? 0 : at;
      show(tabs, tabs.at((from + by) % tabs.length)?.id);
    },
    move(id: string, index: number) {
      const { tabs, active } = store.getState();
      const from = tabs.findIndex((tab) => tab.id === id);
      const tab = tabs[from];
      const to = Math.max(0, Math.min(index, tabs.length - 1));
      if (tab && to !== from) show(tabs.toSpliced(from, 1).toSpliced(to, 0, tab), active);
    },
    close(id: string) {
      const { tabs, active } = store.getState();
      const index = tabs.findIndex((tab) => tab.id === id);
      const tab = tabs[index];
      if (!tab) return;
      closed.push({
        content: contentOf(tab),
        index,
        results: tab.runs.getState().results,
        sweeps: tab.sweeps.getState().all,
      });
      if (closed.length > MOST_CLOSED) closed.shift();
      void tab.runs.cancelAll();
      forgetRuns(sharedStorage(), id);
      forgetSweeps(sharedStorage(), id);
      const rest = tabs.toSpliced(index, 1);
      show(rest, active === id ? (rest[index] ?? rest.at(-1))?.id : active);
    },
    reopen() {
      const last = closed.pop();
      if (!last) return false;
      const { id: _old, document, ...origin } = last.content;
      const id = freshId();
      if (last.results.length > 0) runMemory(sharedStorage(), id).write({ own: [], results: last.results });
      if (last.sweeps.length > 0) sweepMemory(sharedStorage(), id).write(last.sweeps);
      const session = createSession(studio, { id, workspace, document, origin });
      show(store.getState().tabs.toSpliced(last.index, 0, session), session.id);
      return true;
    },
  });
  return workspace;
}

/** An empty workflow in which nothing was done, of which nothing would be lost. */
function isUntouched({ documents }: Session): boolean {
  const { document, history, fileName } = documents.getState();
  return document.nodes.length === 0 && history.past.length === 0 && history.future.length === 0 && !fileName;
}
