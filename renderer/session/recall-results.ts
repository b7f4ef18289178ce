import type { Host } from "../../protocol/host.ts";
import type { Session, Workspace } from "./session.ts";

/** When a window that has just drawn a workflow has time. Browsers without a word for that get a moment instead. */
const whenIdle = (work: () => void): void => {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(work, { timeout: 3_000 });
  else setTimeout(work, 300);
};

/**
 * Shows in each tab, once it comes to the front and is drawn, what its workflow made earlier: in another tab or window, or
 * before its file was closed. The host knows, as long as the pictures are there.
 */
export function recallResults(workspace: Workspace, { rpc }: Pick<Host, "rpc">, later = whenIdle): void {
  const asked = new WeakSet<Session>();
  const recall = () => {
    const { tabs, active } = workspace.getState();
    const tab = tabs.find(({ id }) => id === active);
    const { id: workflow, nodes } = tab?.documents.getState().document ?? { nodes: [] };
    if (!tab || !workflow || nodes.length === 0 || asked.has(tab)) return;
    asked.add(tab);
    later(() => {
      // Without them the workflow is whole: it is asked for again when the tab comes to the front again.
      rpc.runs.results({ workflow }).then(
        (found) => tab.runs.recall(found),
        () => asked.delete(tab),
      );
    });
  };
  workspace.subscribe(recall);
  recall();
}
