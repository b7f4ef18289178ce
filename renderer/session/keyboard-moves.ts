import type { NodeDefinition } from "../../graph/definition.ts";
import type { WorkflowNode } from "../../graph/document.ts";
import { isBoundary } from "../../graph/subgraphs/boundary.ts";
import { isReroute, SIZE_LIMITS } from "../canvas/card-geometry.ts";
import { frameFlowId } from "../canvas/flow-store.ts";
import { changeFrames, isPinned, type Point, resizeNode } from "../document/commands.ts";
import type { Patch } from "../document/patch.ts";
import type { Session } from "./session.ts";

/** What the pointer does by dragging on the canvas, for the keyboard; flow pixels, but for panning. */
const NUDGE = 5;
const GRID = 20;
const FAST = 4;
const PAN_PX = 80;

/** An arrow key on the canvas moves what is selected, or else the view; `fast` goes four times as far. */
export function moveByKey(session: Session, { x, y }: Point, fast: boolean): void {
  const factor = fast ? FAST : 1;
  if (session.flow.selectedNodes().size + session.flow.selectedFrames().size === 0) {
    const { canvas } = session;
    const view = canvas?.getViewport();
    // The view goes where the arrow points: what is drawn goes the other way.
    if (view) void canvas?.setViewport({ ...view, x: view.x - x * PAN_PX * factor, y: view.y - y * PAN_PX * factor });
    return;
  }
  const step = (session.settings.getState().snapToGrid ? GRID : NUDGE) * factor;
  const { nodesById } = session.documents.getState();
  const ids = [...session.flow.selectedNodes()].filter((id) => {
    const node = nodesById.get(id);
    return node !== undefined && !isPinned(node);
  });
  const frames = [...session.flow.selectedFrames()].map(frameFlowId);
  session.flow.changeNodes(
    session.flow.boxes(new Set([...ids, ...frames])).map((box) => ({
      type: "position" as const,
      id: box.id,
      position: { x: box.x + x * step, y: box.y + y * step },
      dragging: false,
    })),
  );
}

/** Makes what is selected wider or higher by one step of the grid, within what a pointer may draw; a burst is one step of undo. */
export function resizeByKey(session: Session, by: Point): void {
  const { graph, nodesById, definitionOf } = session.documents.getState();
  const frames = session.flow.selectedFrames();
  const ids = session.flow.selectedNodes();
  const patches = session.flow.boxes(ids).flatMap(({ id, ...measured }): Patch[] => {
    const node = nodesById.get(id);
    const limits = node && limitsOf(node, definitionOf(node.type));
    if (!limits) return [];
    // What was just set is measured with the next frame; the next key may come before.
    const { width, height } = { ...measured, ...node.size };
    return resizeNode(graph, id, within(limits, { width: width + by.x * GRID, height: height + by.y * GRID }, height));
  });
  const framed = changeFrames(graph, (frame) => {
    if (!frames.has(frame.id)) return frame;
    const { width, height } = frame.size;
    const size = within(SIZE_LIMITS.frame, { width: width + by.x * GRID, height: height + by.y * GRID }, height);
    return { ...frame, size: { ...frame.size, ...size } };
  });
  session.documents.commit({
    label: "resize",
    patches: [...patches, ...framed],
    gesture: `resize ${[...ids, ...frames].join(" ")}`,
  });
}

interface Limits {
  readonly minWidth: number;
  readonly maxWidth?: number;
  /** None where the height follows the content. */
  readonly minHeight?: number;
}

/** `undefined` for what is as large as its content. */
function limitsOf(node: WorkflowNode, definition: NodeDefinition | undefined): Limits | undefined {
  if (!definition || isReroute(node) || isBoundary(node)) return undefined;
  if (definition.isAnnotation) return SIZE_LIMITS.note;
  return node.collapsed || definition.params.length === 0 ? undefined : SIZE_LIMITS.card;
}

function within(
  { minWidth, maxWidth = Number.POSITIVE_INFINITY, minHeight }: Limits,
  size: Size,
  before: number,
): Size {
  const width = Math.round(Math.max(minWidth, Math.min(size.width, maxWidth)));
  return { width, height: Math.round(minHeight === undefined ? before : Math.max(minHeight, size.height)) };
}

interface Size {
  readonly width: number;
  readonly height: number;
}
