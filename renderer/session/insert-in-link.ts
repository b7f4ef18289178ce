import { middlesOfLinks } from "../canvas/link-place.ts";
import { insertInLink } from "../document/commands.ts";
import type { Patch } from "../document/patch.ts";
import type { Point } from "../document/point.ts";
import { translate } from "../i18n/i18n.ts";
import type { Session } from "./session.ts";

/** Making a node that stands by itself part of a link: what the link carried goes through it. */

/** What is dropped on a link becomes part of it: one step of undo with the drag that brought it there. */
export function dropOnLink(session: Session, nodeId: string, linkId: string): void {
  if (!standsAlone(session, nodeId)) return;
  const drag = session.documents.getState().history.past.at(-1);
  session.documents.commit({
    label: "connect",
    patches: insertion(session, nodeId, linkId),
    gesture: drag?.label === "move" ? drag.gesture : undefined,
  });
}

/** The chosen node, when it is the only one and stands by itself with sockets on both sides. */
export function insertable(session: Session): string | undefined {
  const [nodeId, ...others] = session.flow.selectedNodes();
  if (nodeId === undefined || others.length > 0 || !standsAlone(session, nodeId)) return undefined;
  const node = session.documents.getState().nodesById.get(nodeId);
  const definition = node && session.definitionOf(node.type);
  return definition && definition.inputs.length > 0 && definition.outputs.length > 0 ? nodeId : undefined;
}

/** Whether what that link carries can go through the node. */
export const canBeInserted = (session: Session, nodeId: string, linkId: string): boolean =>
  insertion(session, nodeId, linkId).length > 0;

/**
 * Puts the chosen node into a link without moving it, in one step of undo: into the link that is said, else the one that is
 * chosen or has the focus, else the nearest that fits. Where none does, that is told.
 */
export function insertIntoLink(session: Session, said?: string): void {
  const nodeId = insertable(session);
  if (nodeId === undefined) return;
  const linkId = said ?? chosenLink(session) ?? nearestFitting(session, nodeId);
  const patches = linkId === undefined ? [] : insertion(session, nodeId, linkId);
  if (patches.length === 0) {
    const key = linkId === undefined ? "arrange.noLinkFits" : "arrange.linkDoesNotFit";
    session.view.notify({ tone: "info", text: translate(key) });
    return;
  }
  session.documents.commit({ label: "connect", patches });
  session.view.notify({ tone: "info", text: translate("arrange.inserted") });
}

const insertion = (session: Session, nodeId: string, linkId: string): Patch[] =>
  insertInLink(session.documents.getState().graph, session.definitionOf, linkId, nodeId);

const standsAlone = ({ documents }: Session, nodeId: string): boolean =>
  !documents.getState().graph.links.some(({ from, to }) => from.node === nodeId || to.node === nodeId);

function chosenLink({ flow }: Session): string | undefined {
  const [selected] = flow.selectedLinks();
  return selected ?? document.activeElement?.closest(".react-flow__edge")?.getAttribute("data-id") ?? undefined;
}

/** By the way from the middle of the node to that of the link, among the links that are drawn. */
function nearestFitting(session: Session, nodeId: string): string | undefined {
  const [box] = session.flow.boxes(new Set([nodeId]));
  const middle = box && session.canvas?.flowToScreenPosition({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  if (!middle) return undefined;
  return [...middlesOfLinks()]
    .map(([id, at]) => ({ id, far: distance(at, middle) }))
    .sort((a, b) => a.far - b.far)
    .find(({ id }) => canBeInserted(session, nodeId, id))?.id;
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
