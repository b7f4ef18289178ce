import { copyFragment, insertFragment, moveNodes, type Point } from "../document/commands.ts";
import { applyPatches } from "../document/patch.ts";
import { tell } from "./actions.ts";
import type { Session } from "./session.ts";

/**
 * After nodes were dragged with Alt held, as in ComfyUI and Figma: copies stay where they were dropped, and they themselves go back
 * to where they came from, with their links. One step of undo with the drag.
 */
export function leaveCopy(session: Session, dragged: ReadonlySet<string>): void {
  const { graph, history, inside } = session.documents.getState();
  const drag = history.past.at(-1);
  if (drag?.label !== "move" || drag.gesture === undefined) return;
  const origins = new Map<string, Point>();
  for (const patch of drag.patches)
    if (patch.collection === "nodes" && patch.before) origins.set(patch.before.id, patch.before.position);
  const back = moveNodes(graph, origins);
  try {
    const copies = copyFragment(graph, dragged);
    const { patches, nodeIds } = insertFragment(applyPatches(graph, back), copies, { x: 0, y: 0 }, inside);
    session.documents.commit({ label: "paste", patches: [...back, ...patches], gesture: drag.gesture });
    session.flow.select(new Set(nodeIds));
  } catch (error) {
    tell(session, error);
  }
}
