import type { NodeDefinition } from "../../graph/definition.ts";
import { CARD_WIDTH, estimateSize } from "../canvas/card-geometry.ts";
import { glide } from "../canvas/motion.ts";
import { addLink, addNode, type Point } from "../document/commands.ts";
import { obviousInputs, obviousOutputs } from "../document/obvious-links.ts";
import { applyPatches, type Patch } from "../document/patch.ts";
import type { Session } from "./session.ts";

const GAP = 52;
const MARGIN_PX = 40;

/**
 * Adds a node behind the chosen ones, with the links that go without saying, beside them where there is room: one step of
 * undo. Returns its id.
 */
export function placeBehind(session: Session, definition: NodeDefinition, from: readonly string[]): string {
  const { graph, definitionOf } = session.documents.getState();
  const chosen = session.flow.boxes(new Set(from));
  const first = chosen[0] ?? { x: 0, y: 0, width: CARD_WIDTH, height: 0 };
  const { patches, nodeId } = addNode(graph, definition, { x: 0, y: 0 });
  const inputs = obviousInputs(graph, definitionOf, nodeId, definition, from);
  const isDirect = inputs.some((ends) => from.includes(ends.from.node));
  const outputs = isDirect ? [] : obviousOutputs(graph, definitionOf, nodeId, definition, from);
  const added = patches.find((patch) => patch.collection === "nodes")?.after;
  const size = added && "type" in added ? estimateSize(added, definition) : { width: CARD_WIDTH, height: 0 };
  // What feeds the chosen node stands to its left.
  const x =
    outputs.length > 0 ? first.x - GAP - size.width : Math.max(...chosen.map((box) => box.x + box.width), 0) + GAP;
  const position = freePlace(session, { x: Math.round(x), y: Math.round(first.y) }, size);
  const placed = addNode(graph, definition, position).patches;
  let document = applyPatches(session.documents.getState().graph, placed);
  const links: Patch[] = [];
  for (const ends of [...inputs, ...outputs]) {
    const link = addLink(document, ends);
    document = applyPatches(document, link);
    links.push(...link);
  }
  session.documents.commit({ label: "add", patches: [...placed, ...links] });
  session.flow.select(new Set([nodeId]));
  bringIntoView(session, { ...position, ...size });
  return nodeId;
}

/** The place, or the first one below it where the card lies on no other. */
function freePlace({ flow }: Session, { x, y }: Point, size: { width: number; height: number }): Point {
  const columns = flow.boxes().filter((box) => box.x < x + size.width && box.x + box.width > x);
  let top = y;
  for (const box of columns.sort((a, b) => a.y - b.y)) {
    if (box.y < top + size.height && box.y + box.height > top) top = box.y + box.height + GAP / 2;
  }
  return { x, y: Math.round(top) };
}

/** Pans to a card that was placed outside of what is seen. */
function bringIntoView({ canvas }: Session, box: { x: number; y: number; width: number; height: number }): void {
  const stage = document.querySelector(".react-flow")?.getBoundingClientRect();
  if (!canvas || !stage) return;
  const [a, b] = [
    canvas.flowToScreenPosition({ x: box.x, y: box.y }),
    canvas.flowToScreenPosition({ x: box.x + box.width, y: box.y + box.height }),
  ];
  const isInside =
    a.x > stage.left + MARGIN_PX && a.y > stage.top && b.x < stage.right - MARGIN_PX && b.y < stage.bottom - MARGIN_PX;
  if (isInside) return;
  void canvas.setCenter(box.x + box.width / 2, box.y + box.height / 2, {
    zoom: canvas.getZoom(),
    duration: glide(160),
  });
}

/** The first field of a node, to go on typing in it. Returns whether there is one. */
export function focusFirstField(nodeId: string): boolean {
  const card = document.querySelector(`.react-flow__node[data-id="${CSS.escape(nodeId)}"]`);
  const field = card?.querySelector<HTMLElement>(
    "[data-param] textarea, [data-param] input:not([type=checkbox]), [data-param] [role=combobox], [data-param] button, [data-param] input",
  );
  field?.focus();
  return field !== undefined && field !== null;
}
