import { translate } from "../i18n/i18n.ts";
import { failureText } from "../i18n/problem-text.ts";
import { loadFile, openDocument, tabOfPlace } from "./actions.ts";
import type { RecentWorkflow } from "./recent.ts";
import type { Session } from "./session.ts";

/**
 * Opens a workflow of before: the tab that has its file, else the file as it is now, else what was kept of it. What was kept
 * counts as unsaved when it should have been the file.
 */
export async function openRecent(
  session: Session,
  { fileName, place, document }: Pick<RecentWorkflow, "fileName" | "place" | "document">,
): Promise<void> {
  const { host, workspace, view } = session;
  const tab = place === undefined ? undefined : tabOfPlace(session, place);
  if (tab) return workspace.activate(tab.id);
  const openKept = (dirty: boolean) => openDocument(session, structuredClone(document), { fileName, dirty });
  if (place === undefined || !host.openAgain) {
    openKept(false);
    return;
  }
  try {
    const file = await host.openAgain(place);
    if (file) loadFile(session, file);
    else openKept(true);
  } catch (error) {
    openKept(true);
    view.notify({ tone: "error", text: failureText(error).message, detail: translate("file.keptOpened") });
  }
}
