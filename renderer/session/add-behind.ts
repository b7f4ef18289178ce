import type { Rect } from "@xyflow/react";
import type { NodeDefinition } from "../../graph/definition.ts";
import { CARD_WIDTH, estimateSize } from "../canvas/card-geometry.ts";
import { GRID_GAP } from "../canvas/grid-dots.tsx";
import { glide } from "../canvas/motion.ts";
import { addLink, addNode, type Point } from "../document/commands.ts";
import { boxesInside } from "../document/frames.ts";
import { freeRoom } from "../document/free-room.ts";
import { obviousInputs, obviousOutputs } from "../document/obvious-links.ts";
import { applyPatches, type Patch } from "../document/patch.ts";
import { seenArea } from "./look.ts";
import type { Session } from "./session.ts";

const GAP = 52;
const MARGIN_PX = 40;

type Size = Pick<Rect, "width" | "height">;

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
  const size = sizeOfNew(patches, definition);
  // What feeds the chosen node stands to its left.
  const x =
    outputs.length > 0 ? first.x - GAP - size.width : Math.max(...chosen.map((box) => box.x + box.width), 0) + GAP;
  const position = freePlace(session, from, { x: Math.round(x), y: Math.round(first.y) }, size);
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

/** Free room for a card, near the middle of what is seen; the view goes there when it is elsewhere. */
export function roomFor(session: Session, definition: NodeDefinition): Point {
  const { graph } = session.documents.getState();
  const size = sizeOfNew(addNode(graph, definition, { x: 0, y: 0 }).patches, definition);
  const seen = seenArea(session);
  if (!seen) return { x: 0, y: 0 };
  const place = freeRoom({ size, taken: takenBy(session, new Set()), seen, grid: GRID_GAP });
  bringIntoView(session, { ...place, ...size });
  return place;
}

function sizeOfNew(patches: readonly Patch[], definition: NodeDefinition): Size {
  const added = patches.find((patch) => patch.collection === "nodes")?.after;
  return added && "type" in added ? estimateSize(added, definition) : { width: CARD_WIDTH, height: 0 };
}

/** All cards and notes, and the frames that none of these nodes stands in: what is put there would belong to the frame. */
function takenBy({ flow, documents }: Session, from: ReadonlySet<string>): Rect[] {
  const cards = flow.boxes();
  const frames = (documents.getState().graph.frames ?? [])
    .map(({ position, size }) => ({ x: position.x, y: position.y, width: size.width, height: size.height }))
    .filter((frame) => !boxesInside(frame, cards).some(({ id }) => from.has(id)));
  return [...cards, ...frames];
}

/** The place, or the first one below it where the card lies on no other. */
function freePlace(session: Session, from: readonly string[], { x, y }: Point, size: Size): Point {
  const columns = takenBy(session, new Set(from)).filter((box) => box.x < x + size.width && box.x + box.width > x);
  let top = y;
  for (const box of columns.sort((a, b) => a.y - b.y)) {
    if (box.y < top + size.height && box.y + box.height > top) top = box.y + box.height + GAP / 2;
  }
  return { x, y: Math.round(top) };
}

/** Pans to a card that was placed outside of what is seen. */
function bringIntoView({ canvas }: Session, box: Rect): void {
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
