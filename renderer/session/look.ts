import type { Rect, Viewport } from "@xyflow/react";
import { PATH_SEPARATOR } from "../../graph/subgraphs/boundary.ts";
import { glide } from "../canvas/motion.ts";
import {
  boundsOf,
  fittingView,
  freePart,
  openingView,
  readableView,
  type Stage,
  showsSome,
} from "../canvas/opening-view.ts";
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
/** Below what lies over the upper edge of the canvas. */
const CLEAR_PX = 16;
/** Views that are less far apart were not moved by anybody. */
const SAME_PX = 0.5;
/** A line of words. */
const MIN_SEEN_PX = 24;
/** What is to be looked at as soon as its graph is drawn. */
const wanted = new WeakMap<Session, ReadonlySet<string>>();
type Fit = (boxes: readonly Rect[], stage: Stage) => Viewport;
/** The view that was fitted to the window last, and how: while nobody moves it, it follows the window. */
const fitted = new WeakMap<Session, { readonly view: Viewport; readonly fit: Fit }>();

/** The canvas on the page; `undefined` while the form or the start page is. */
const stageOf = () => document.querySelector(".react-flow")?.getBoundingClientRect();

/** As the views see it: the way back from a subgraph, or the tour, lies over its upper edge. */
function roomOf({ top, width, height }: DOMRect): Stage {
  const above = [...document.querySelectorAll("[data-above-canvas]")].map((one) => one.getBoundingClientRect().bottom);
  return { width, height, covered: Math.max(0, ...above.map((bottom) => bottom - top + CLEAR_PX)) };
}

/** Nodes and frames. */
const everything = ({ flow }: Session) => flow.boxes(new Set(flow.getState().nodes.map(({ id }) => id)));

/** The part of the graph that is seen, with nothing above it; in flow pixels. */
export function seenArea({ canvas }: Session): Rect | undefined {
  const stage = stageOf();
  if (!canvas || !stage) return undefined;
  const { x, y, zoom } = canvas.getViewport();
  const free = freePart(roomOf(stage));
  return {
    x: (free.x - x) / zoom,
    y: (free.y - y) / zoom,
    width: free.width / zoom,
    height: free.height / zoom,
  };
}

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
    fitted.delete(session);
    void canvas.setViewport(readableView(named, roomOf(stage)));
    return;
  }
  const { view } = session.documents.getState().graph;
  const boxes = everything(session);
  if (view && showsSome(view, boxes, stage)) {
    fitted.delete(session);
    void canvas.setViewport(view);
    return;
  }
  const opening = openingView(boxes, roomOf(stage));
  fitted.set(session, { view: opening, fit: openingView });
  void canvas.setViewport(opening);
}

/** The window, or a panel beside the canvas, has another size: a view that was fitted, and not moved since, is fitted again. */
export function followWindow(session: Session): void {
  const { canvas } = session;
  const stage = stageOf();
  const last = fitted.get(session);
  if (!canvas || !stage || !last || !isFitted(session, canvas.getViewport())) return;
  const view = last.fit(everything(session), roomOf(stage));
  if (isSame(view, last.view)) return;
  fitted.set(session, { ...last, view });
  void canvas.setViewport(view);
}

/**
 * Somebody placed, moved or took away nodes while they looked from a view that was fitted: it is theirs now, and stays where it is
 * when a panel opens or the tab comes back. "Fit" fits it again.
 */
export function keepFittedView(session: Session): void {
  const { canvas, documents } = session;
  if (!canvas || !isFitted(session, canvas.getViewport())) return;
  fitted.delete(session);
  // Others hear of the edit before they hear of this; and it may have brought a view of its own along.
  queueMicrotask(() => {
    if (!documents.getState().graph.view) documents.setView(kept(canvas.getViewport()));
  });
}

/** A view as documents keep it. */
export const kept = ({ x, y, zoom }: Viewport): Viewport => ({
  x: Math.round(x),
  y: Math.round(y),
  zoom: Math.round(zoom * 1000) / 1000,
});

/** Whether a view is the one that was fitted last: nobody chose it. */
export function isFitted(session: Session, view: Viewport): boolean {
  const last = fitted.get(session);
  return last !== undefined && isSame(view, last.view);
}

const isSame = (a: Viewport, b: Viewport): boolean =>
  Math.hypot(a.x - b.x, a.y - b.y) < SAME_PX && Math.abs(a.zoom / b.zoom - 1) < 1e-3;

/** All nodes and frames, or these, in the middle and as large as they fit. */
export function fitView(session: Session, ids?: ReadonlySet<string>): void {
  const boxes = ids ? session.flow.boxes(ids) : everything(session);
  const stage = stageOf();
  if (!stage || boxes.length === 0) return;
  const view = fittingView(boxes, roomOf(stage));
  if (ids) fitted.delete(session);
  else fitted.set(session, { view, fit: fittingView });
  glideTo(session, view);
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
  const view = readableView(boxes, roomOf(stage));
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
