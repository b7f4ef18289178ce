import type { NodeDefinition } from "../../graph/definition.ts";
import { boundsOf } from "../canvas/opening-view.ts";
import { type Alignment, align, type Box, distribute } from "../document/arrange.ts";
import {
  addFrame,
  addLink,
  addNode,
  changeFrames,
  insertInLink,
  isLocked,
  isPinned,
  moveNodes,
  type Point,
  removeLinks,
  setColor,
  setLocked,
  setPinned,
} from "../document/commands.ts";
import { applyPatches } from "../document/patch.ts";
import type { TidyRequest } from "../document/tidy.ts";
import type { Session } from "./session.ts";

/** Lining up, tidying, framing and colouring what is selected. */
export const FRAME_COLORS = ["#e5655a", "#e59a4a", "#d4b43c", "#5fae6b", "#4aa3c7", "#6f86e0", "#a573d6"] as const;

const FRAME_PADDING = 24;
const FRAME_HEADER = 44;

/** The selected nodes that may move, or all of them when none is selected. */
function movable(session: Session, orAll = false): Box[] {
  const { nodesById } = session.documents.getState();
  const ids = session.flow.selectedNodes();
  return session.flow.boxes(ids.size === 0 && orAll ? undefined : ids).filter(({ id }) => {
    const node = nodesById.get(id);
    return node !== undefined && !isPinned(node);
  });
}

function commitPlaces(session: Session, label: string, places: ReadonlyMap<string, Point>): void {
  session.documents.commit({ label, patches: moveNodes(session.documents.getState().graph, places) });
}

export const alignSelection = (session: Session, how: Alignment): void =>
  commitPlaces(session, "align", align(movable(session), how));

export const distributeSelection = (session: Session, along: "x" | "y"): void =>
  commitPlaces(session, "distribute", distribute(movable(session), along));

/** Lays the selection, or everything, out along its links; the work is done beside the window. */
export function tidyUp(session: Session): Promise<void> {
  const boxes = movable(session, true);
  if (boxes.length < 2) return Promise.resolve();
  const ids = new Set(boxes.map(({ id }) => id));
  const links = session.documents
    .getState()
    .graph.links.filter((link) => ids.has(link.from.node) && ids.has(link.to.node))
    .map((link) => ({ from: link.from.node, to: link.to.node }));
  const worker = new Worker(new URL("../document/tidy-worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<Map<string, Point>>) => {
      worker.terminate();
      commitPlaces(session, "tidy", data);
      resolve();
    });
    worker.addEventListener("error", (event) => reject(new Error(event.message)));
    worker.postMessage({ boxes, links } satisfies TidyRequest);
  });
}

/** A frame around the selection, ready to be named. */
export function frameSelection(session: Session): void {
  const ids = session.flow.selectedNodes();
  if (ids.size === 0) return;
  const { x, y, width, height } = boundsOf(session.flow.boxes(ids));
  const { patches, frameId } = addFrame(session.documents.getState().graph, {
    title: "",
    position: { x: x - FRAME_PADDING, y: y - FRAME_HEADER },
    size: { width: width + 2 * FRAME_PADDING, height: height + FRAME_HEADER + FRAME_PADDING },
  });
  session.documents.commit({ label: "frame", patches });
  session.view.setState({ renamingNode: `\nframe ${frameId}` });
}

/** Colours what is selected, nodes and frames; `undefined` gives the usual colour back. */
export function colorSelection(session: Session, color: string | undefined): void {
  const { graph: document } = session.documents.getState();
  const frames = session.flow.selectedFrames();
  session.documents.commit({
    label: "colour",
    patches: [
      ...setColor(document, session.flow.selectedNodes(), color),
      ...changeFrames(document, (frame) => {
        if (!frames.has(frame.id)) return frame;
        const { color: _old, ...rest } = frame;
        return (color === undefined ? rest : { ...rest, color }) as typeof frame;
      }),
    ],
  });
}

export const togglePinned = (session: Session): void => toggle(session, "pin", isPinned, setPinned);
export const toggleLocked = (session: Session): void => toggle(session, "lock", isLocked, setLocked);

/** For all of the selection, or back when all of it is so already. */
function toggle(session: Session, label: string, is: typeof isPinned, set: typeof setPinned): void {
  const ids = session.flow.selectedNodes();
  const { graph, nodesById } = session.documents.getState();
  const isSet = [...ids].every((id) => {
    const node = nodesById.get(id);
    return node !== undefined && is(node);
  });
  session.documents.commit({ label, patches: set(graph, ids, !isSet) });
}

/** A node without links that is dropped on a link becomes part of it. */
export function dropOnLink(session: Session, nodeId: string, linkId: string): void {
  const { graph: document } = session.documents.getState();
  if (document.links.some((link) => link.from.node === nodeId || link.to.node === nodeId)) return;
  session.documents.commit({
    label: "connect",
    patches: insertInLink(document, session.definitionOf, linkId, nodeId),
  });
}

/** A bend in a link, at `position`: one step of undo. */
export function bendLink(session: Session, linkId: string, position: Point, reroute: NodeDefinition): void {
  const { graph: document } = session.documents.getState();
  const link = document.links.find(({ id }) => id === linkId);
  const [input] = reroute.inputs;
  const [output] = reroute.outputs;
  if (!link || !input || !output) return;
  const { patches: added, nodeId } = addNode(document, reroute, { x: position.x - 28, y: position.y - 14 });
  const patches = [...added, ...removeLinks(document, new Set([linkId]))];
  for (const ends of [
    { from: link.from, to: { node: nodeId, port: input.name } },
    { from: { node: nodeId, port: output.name }, to: link.to },
  ]) {
    patches.push(...addLink(applyPatches(document, patches), ends));
  }
  session.documents.commit({ label: "reroute", patches });
  session.flow.select(new Set([nodeId]));
}
