import { translate } from "../i18n/i18n.ts";
import { copySelection, cutSelection, paste } from "./actions.ts";
import { fragmentFromText, fragmentToText } from "./clipboard.ts";
import type { Session } from "./session.ts";

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

/** Pastes nodes from the clipboard where a menu was opened (pixels of the window); the browser may ask for leave. */
export async function pasteFromClipboard(session: Session, at?: { readonly x: number; readonly y: number }) {
  try {
    const fragment = fragmentFromText(await navigator.clipboard.readText());
    if (fragment) paste(session, fragment, at && session.canvas?.screenToFlowPosition({ ...at }));
    else session.view.notify({ tone: "info", text: translate("clipboard.nothing") });
  } catch {
    session.view.notify({ tone: "info", text: translate("clipboard.useKeys") });
  }
}
