import type { Rect, Viewport } from "@xyflow/react";
import { PATH_SEPARATOR } from "../../graph/subgraphs/boundary.ts";
import { glide } from "../canvas/motion.ts";
import { boundsOf, fittingView, openingView, type Stage, showsSome } from "../canvas/opening-view.ts";
import { placeOfNode, prefixOf } from "../document/scope.ts";
import type { Session } from "./session.ts";

/**
 * Where the canvas is looked at from. Views are worked out from what the flow store knows, since React Flow itself hears of
 * moved and entered nodes only when they are drawn.
 */
const GLIDE_MS = 200;
/** The tool bar lies over the foot of the canvas. */
const FOOT_PX = 76;
const READABLE_ZOOM = 0.6;
const BREADCRUMBS_PX = 68;
/** A line of words. */
const MIN_SEEN_PX = 24;
/** What is to be looked at as soon as its graph is drawn. */
const wanted = new WeakMap<Session, ReadonlySet<string>>();

/** The canvas on the page; `undefined` while the form or the start page is. */
const stageOf = () => document.querySelector(".react-flow")?.getBoundingClientRect();

/** As the views see it: inside of subgraphs the way back lies over its upper edge. */
const roomOf = ({ documents }: Session, { width, height }: DOMRect): Stage => ({
  width,
  height,
  ...(documents.getState().path.length > 0 ? { covered: BREADCRUMBS_PX } : {}),
});

function glideTo({ canvas }: Session, view: Viewport): void {
  void canvas?.setViewport(view, { duration: glide(GLIDE_MS) });
}

/** From where it was looked at last, when that shows anything in this window, else from its beginning. */
export function lookAtDocument(session: Session): void {
  const { canvas } = session;
  const stage = stageOf();
  if (!canvas || !stage) return;
  const ids = wanted.get(session);
  wanted.delete(session);
  const named = session.flow.boxes(ids);
  if (ids && named.length > 0) {
    void canvas.setViewport(openingView(named, roomOf(session, stage)));
    return;
  }
  const { view } = session.documents.getState().graph;
  const boxes = session.flow.boxes();
  void canvas.setViewport(view && showsSome(view, boxes, stage) ? view : openingView(boxes, roomOf(session, stage)));
}

/** All nodes and frames, or these, in the middle and as large as they fit. */
export function fitView(session: Session, ids?: ReadonlySet<string>): void {
  const boxes = session.flow.boxes(ids ?? new Set(session.flow.getState().nodes.map(({ id }) => id)));
  const stage = stageOf();
  if (stage && boxes.length > 0) glideTo(session, fittingView(boxes, roomOf(session, stage)));
}

/** Fits the view to nodes of which some are out of it, and leaves it alone otherwise. */
export function keepInView(session: Session, ids: ReadonlySet<string>): void {
  const boxes = session.flow.boxes(ids);
  const stage = stageOf();
  const view = session.canvas?.getViewport();
  if (stage && view && !boxes.every((box) => showsSome(view, [box], stage))) fitView(session, ids);
}

/**
 * Nodes of the graph that is being edited, large enough to read; of a card that is taller than the canvas, its top. What can
 * be read already stays where it is.
 */
function lookAtNodes(session: Session, ids: ReadonlySet<string>): void {
  const boxes = session.flow.boxes(ids);
  const [first] = boxes;
  const stage = stageOf();
  if (!stage || !first) return;
  const view = openingView(boxes, roomOf(session, stage));
  const spot = boxes.length === 1 ? problemSpot(first) : 0;
  const read = boxes.map((box) => (spot > 0 ? { ...box, height: spot } : box));
  if (isRead(session.canvas?.getViewport(), read, stage)) return;
  const below = Math.max(0, (first.y + spot) * view.zoom + view.y - (stage.height - FOOT_PX));
  glideTo(session, { ...view, y: view.y - below });
}

function isRead(view: Viewport | undefined, boxes: readonly Rect[], stage: DOMRect): boolean {
  if (!view || view.zoom < READABLE_ZOOM) return false;
  const { x, y, width, height } = boundsOf(boxes);
  const left = x * view.zoom + view.x;
  const top = y * view.zoom + view.y;
  const isWide = left >= 0 && left + width * view.zoom <= stage.width;
  return isWide && top >= 0 && top + height * view.zoom <= stage.height - FOOT_PX;
}

const cardOf = (id: string) => document.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`);

/** How far below the top of its card the first problem ends, in flow pixels; 0 without one. */
function problemSpot({ id, height }: { id: string; height: number }): number {
  const card = cardOf(id)?.getBoundingClientRect();
  const spot = cardOf(id)?.querySelector("[data-failure], [data-problem-spot]")?.getBoundingClientRect();
  return card && spot && card.height > 0 ? ((spot.bottom - card.top) * height) / card.height : 0;
}

/** Whether the reason for which a node failed, or a node inside it, stands where one sees it. */
export function isFailureSeen(session: Session, flatId: string): boolean {
  const prefix = prefixOf(session.documents.getState().path);
  const stage = stageOf();
  if (!stage || !flatId.startsWith(prefix)) return false;
  const own = flatId.slice(prefix.length);
  const id = session.documents.getState().nodesById.has(own) ? own : (own.split(PATH_SEPARATOR)[0] ?? "");
  const reason = cardOf(id)?.querySelector("[data-failure]")?.getBoundingClientRect();
  if (!reason) return false;
  return (
    reason.top >= stage.top &&
    reason.top + MIN_SEEN_PX <= stage.bottom &&
    reason.left + reason.width / 2 >= stage.left &&
    reason.left + reason.width / 2 <= stage.right
  );
}

/**
 * Goes to nodes by their paths in the workflow (`detailer/sampler`), into the subgraph that the first is in, and selects
 * those that are in the same one.
 */
export function showNodes(session: Session, flatIds: readonly string[]): void {
  const { documents, flow } = session;
  const places = flatIds.map((id) => placeOfNode(documents.getState().document, id));
  const graph = places[0]?.path ?? [];
  const ids = new Set(places.filter(({ path }) => path.join() === graph.join()).map(({ nodeId }) => nodeId));
  const before = documents.getState().path;
  documents.enter(graph);
  flow.select(ids);
  // Another graph, or a canvas that is not there yet, is looked at once it is drawn.
  if (documents.getState().path !== before || !stageOf()) wanted.set(session, ids);
  else lookAtNodes(session, ids);
}

export const showNode = (session: Session, flatId: string): void => showNodes(session, [flatId]);
