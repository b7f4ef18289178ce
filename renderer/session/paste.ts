import { translate } from "../i18n/i18n.ts";
import { paste } from "./actions.ts";
import { fragmentFromText } from "./clipboard.ts";
import type { Session } from "./session.ts";

/** Pastes nodes from the clipboard where a menu was opened (pixels of the window); the browser may ask for leave. */
export async function pasteFromClipboard(session: Session, at: { readonly x: number; readonly y: number }) {
  try {
    const fragment = fragmentFromText(await navigator.clipboard.readText());
    if (fragment) paste(session, fragment, session.canvas?.screenToFlowPosition({ ...at }));
    else session.view.notify({ tone: "info", text: translate("clipboard.nothing") });
  } catch {
    session.view.notify({ tone: "info", text: translate("clipboard.useKeys") });
  }
}
