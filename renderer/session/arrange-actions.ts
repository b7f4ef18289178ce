import type { NodeDefinition } from "../../graph/definition.ts";
import { socketHandles } from "../canvas/card-geometry.ts";
import { frameFlowId } from "../canvas/flow-store.ts";
import { boundsOf } from "../canvas/opening-view.ts";
import { type Alignment, align, type Box, distribute } from "../document/arrange.ts";
import {
  addFrame,
  addLink,
  addNode,
  changeFrames,
  isLocked,
  isPinned,
  moveNodes,
  type Point,
  removeLinks,
  setColor,
  setLocked,
  setPinned,
  socketParams,
} from "../document/commands.ts";
import { boxesInside } from "../document/frames.ts";
import { applyPatches, inScope } from "../document/patch.ts";
import { graphOf } from "../document/scope.ts";
import type { TidyRequest } from "../document/tidy.ts";
import { translate } from "../i18n/i18n.ts";
import { tell } from "./actions.ts";
import { fitView, keepInView } from "./look.ts";
import type { Session } from "./session.ts";
import { layOut } from "./tidy-layout.ts";

/** Lining up, tidying, framing and colouring what is selected. */
export const FRAME_COLORS = ["#e5655a", "#e59a4a", "#d4b43c", "#5fae6b", "#4aa3c7", "#6f86e0", "#a573d6"] as const;

const FRAME_PADDING = 24;
const FRAME_HEADER = 44;
/** So many nodes are not laid out at once. */
const TAKES_A_WHILE = 200;

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

/** Lays the selection, or everything, out along its links; frames whose nodes all take part go along. */
export async function tidyUp(session: Session, layout = layOut): Promise<void> {
  const isAll = session.flow.selectedNodes().size === 0;
  const request = tidyRequest(session);
  const { length } = request.boxes;
  if (length < 2) return;
  if (length > TAKES_A_WHILE)
    session.view.notify({ tone: "info", text: translate("arrange.tidying", { count: length }) });
  const before = session.documents.getState();
  const scope = before.inside.at(-1)?.id;
  const result = await layout(request).catch((error: unknown) => tell(session, error));
  if (!result) return;
  const { nodes, frames } = result;
  const { document, path } = session.documents.getState();
  const subgraph = document.subgraphs?.find(({ id }) => id === scope);
  if (scope !== undefined && !subgraph) return;
  // Meanwhile somebody may have gone to another graph, whose nodes have the same ids.
  const graph = graphOf(document, subgraph);
  const patches = [
    ...moveNodes(graph, nodes),
    ...changeFrames(graph, (frame) => {
      const { x, y, width, height } = frames.get(frame.id) ?? { ...frame.position, ...frame.size };
      return { ...frame, position: { ...frame.position, x, y }, size: { ...frame.size, width, height } };
    }),
  ];
  session.documents.commit({ label: "tidy", patches: inScope(patches, scope), whole: true });
  if (path !== before.path) return;
  // A workflow as a whole is seen as a whole; for a part of it, one stays where one is as long as it is there.
  if (isAll) fitView(session);
  else keepInView(session, new Set(nodes.keys()));
}

function tidyRequest(session: Session): TidyRequest {
  const { graph, nodesById, definitionOf, linkedInputs } = session.documents.getState();
  const boxes = movable(session, true);
  const ids = new Set(boxes.map(({ id }) => id));
  const all = session.flow.boxes();
  const frames = (graph.frames ?? [])
    .map(({ id, position, size }) => ({ id, x: position.x, y: position.y, width: size.width, height: size.height }))
    .filter((frame) => {
      const content = boxesInside(frame, all);
      return content.length > 0 && content.every(({ id }) => ids.has(id));
    });
  const socketsOf = (box: Box) => {
    const node = nodesById.get(box.id);
    const definition = node && definitionOf(node.type);
    if (!definition) return [];
    const linked = new Set([...(linkedInputs.get(box.id)?.split("\n") ?? []), ...socketParams(node)]);
    return socketHandles(node, definition, box, linked).map(({ id, type, y, height }) => ({
      port: id ?? "",
      side: type === "source" ? ("output" as const) : ("input" as const),
      y: y + (height ?? 0) / 2,
    }));
  };
  return {
    boxes: boxes.map((box) => ({ ...box, sockets: socketsOf(box) })),
    links: graph.links.filter(({ from, to }) => ids.has(from.node) && ids.has(to.node)),
    frames,
  };
}

/** A frame around the selection, ready to be named. */
export function frameSelection(session: Session): void {
  const ids = session.flow.selectedNodes();
  if (ids.size === 0) return;
  const frames = [...session.flow.selectedFrames()].map(frameFlowId);
  const { x, y, width, height } = boundsOf(session.flow.boxes(new Set([...ids, ...frames])));
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
