import { looksLikeSubgraph } from "../../graph/subgraphs/file.ts";
import { translate } from "../i18n/i18n.ts";
import { openSubgraphFile } from "../subgraph/subgraph-actions.ts";
import { copySelection, cutSelection, openWorkflowText, paste } from "./actions.ts";
import { fragmentFromText, fragmentToText } from "./clipboard.ts";
import { isGraphShown } from "./incoming-files.ts";
import type { Session } from "./session.ts";

/**
 * Takes text that was pasted: nodes or a subgraph go where it was pasted (pixels of the window), a workflow opens in a tab, as one
 * that is copied from a page on ComfyUI does there. Returns whether it is any of these.
 */
export function pasteText(session: Session, text: string, at?: { readonly x: number; readonly y: number }): boolean {
  const position = (place: { readonly x: number; readonly y: number }) => session.canvas?.screenToFlowPosition(place);
  const fragment = fragmentFromText(text);
  if (fragment && isGraphShown(session)) {
    paste(session, fragment, at && position(at));
    return true;
  }
  if (looksLikeSubgraph(text) && isGraphShown(session)) {
    const place = position(at ?? { x: window.innerWidth / 3, y: window.innerHeight / 3 });
    openSubgraphFile(session, text, place ?? { x: 0, y: 0 });
    return true;
  }
  return openWorkflowText(session, text);
}

/** Copies or cuts what is selected without the keys that browsers have for it, as from a menu. */
export async function copyToClipboard(session: Session, { cut = false } = {}): Promise<void> {
  const fragment = copySelection(session);
  if (!fragment) return;
  try {
    await navigator.clipboard.writeText(fragmentToText(fragment));
    if (cut) cutSelection(session);
  } catch {
    session.view.notify({ tone: "info", text: translate("clipboard.useCopyKeys") });
  }
}

/** Pastes what is in the clipboard as text where a menu was opened (pixels of the window); the browser may ask for leave. */
export async function pasteFromClipboard(session: Session, at?: { readonly x: number; readonly y: number }) {
  try {
    const isTaken = pasteText(session, await navigator.clipboard.readText(), at);
    if (!isTaken) session.view.notify({ tone: "info", text: translate("clipboard.nothing") });
  } catch {
    session.view.notify({ tone: "info", text: translate("clipboard.useKeys") });
  }
}
