import type { WorkflowDocument } from "../../graph/document.ts";
import type { ImageReference } from "../../graph/events.ts";
import { setParam } from "../document/commands.ts";
import { applyPatches, type Patch } from "../document/patch.ts";
import { translate } from "../i18n/i18n.ts";
import { loadFile, tell } from "../session/actions.ts";
import type { Session } from "../session/session.ts";
import { readWorkflowFile } from "../session/workflow-file.ts";

/** Opens the workflow inside a picture. */
export async function openWorkflowOf(session: Session, image: ImageReference): Promise<void> {
  const file = await fetchPicture(session, image);
  if (file) loadFile(session, file);
}

/** Gives the nodes of the open workflow the settings that the picture was made with: one step of undo. */
export async function applyParametersOf(session: Session, image: ImageReference): Promise<void> {
  const file = await fetchPicture(session, image);
  if (!file) return;
  try {
    const { document } = readWorkflowFile(file, session.definitionOf);
    const patches = parametersFrom(session.documents.getState().document, document);
    session.documents.commit({ label: "edit", patches });
    const count = new Set(patches.map((patch) => ("after" in patch && "id" in patch.after! ? patch.after.id : "")))
      .size;
    session.view.notify({ tone: "success", text: translate("gallery.applied", { count }) });
  } catch (error) {
    tell(session, error);
  }
}

/** Settings of nodes that both workflows have, under the same id and of the same type. */
export function parametersFrom(target: WorkflowDocument, source: WorkflowDocument): Patch[] {
  const nodes = new Map(target.nodes.map((node) => [node.id, node]));
  const patches: Patch[] = [];
  let current = target;
  for (const { id, type, params } of source.nodes) {
    if (nodes.get(id)?.type !== type) continue;
    for (const [name, value] of Object.entries(params)) {
      const change = setParam(current, id, name, value);
      current = applyPatches(current, change);
      patches.push(...change);
    }
  }
  return patches;
}

async function fetchPicture(session: Session, image: ImageReference) {
  try {
    const response = await fetch(session.host.imageUrl(image.hash));
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    const name = image.path?.split(/[\\/]/).at(-1) ?? image.hash.slice(0, 8);
    return { name, bytes: new Uint8Array(await response.arrayBuffer()) };
  } catch (error) {
    tell(session, error);
    return undefined;
  }
}
