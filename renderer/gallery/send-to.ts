import type { ImageReference } from "../../graph/events.ts";
import { openMaskOf } from "../mask-editor/open-mask.ts";
import type { Session } from "../session/session.ts";
import { type Destination, sendPicture } from "./picture-workflow.ts";

/** Sends a picture on; to inpaint it, its mask is painted first. */
export async function sendTo(session: Session, picture: ImageReference, destination: Destination): Promise<void> {
  const tab = await sendPicture(session, picture, destination);
  if (!tab || destination !== "inpaint") return;
  const loader = tab.documents.getState().document.nodes.find(({ type }) => type === "load-image");
  if (loader) openMaskOf(tab, loader.id);
}
