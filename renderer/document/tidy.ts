import type { ElkExtendedEdge, ElkNode } from "elkjs/lib/elk-api.js";
import type { Box } from "./arrange.ts";
import type { Point } from "./commands.ts";
import { boxesInside } from "./frames.ts";

/** Where a link meets a node, in flow pixels below the node's upper edge. */
export interface TidySocket {
  readonly port: string;
  readonly side: "input" | "output";
  readonly y: number;
}

/** What a tidy-up is told: boxes in flow pixels with their sockets, the links among them, and frames around some of them. */
export interface TidyRequest {
  readonly boxes: readonly (Box & { readonly sockets: readonly TidySocket[] })[];
  readonly links: readonly {
    readonly from: { readonly node: string; readonly port: string };
    readonly to: { readonly node: string; readonly port: string };
  }[];
  readonly frames: readonly Box[];
}

export interface TidyResult {
  readonly nodes: ReadonlyMap<string, Point>;
  readonly frames: ReadonlyMap<string, Omit<Box, "id">>;
}

/**
 * elk's layers from left to right, as links flow. Sockets stay where they are on their node, so that links cross as little
 * as they can; a frame stays around what is in it.
 */
const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.layered.nodePlacement.strategy": "LINEAR_SEGMENTS",
  "elk.edgeRouting": "POLYLINE",
  "elk.spacing.componentComponent": "60",
};
const SPACING = {
  "elk.layered.spacing.nodeNodeBetweenLayers": "60",
  "elk.spacing.nodeNode": "28",
  "elk.layered.spacing.edgeNodeBetweenLayers": "10",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "4",
  "elk.spacing.edgeNode": "6",
  "elk.spacing.edgeEdge": "4",
};
/** As around a new frame: room for its title above. */
const FRAME_PADDING = "[top=44,left=24,bottom=24,right=24]";
const ROOT = "\nroot";
const frameId = (id: string) => `\nframe ${id}`;
const socketId = (node: string, side: TidySocket["side"], port: string) => `${node}\n${side}\n${port}`;

export function toElk({ boxes, links, frames }: TidyRequest): ElkNode {
  const known = new Set<string>();
  const leaf = ({ id, width, height, sockets }: TidyRequest["boxes"][number]): ElkNode => ({
    id,
    width,
    height,
    layoutOptions: { "elk.portConstraints": "FIXED_POS" },
    ports: sockets.map(({ port, side, y }) => {
      const name = socketId(id, side, port);
      known.add(name);
      const layoutOptions = { "elk.port.side": side === "output" ? "EAST" : "WEST" };
      return { id: name, x: side === "output" ? width : 0, y, width: 0, height: 0, layoutOptions };
    }),
  });
  const groups = new Map<string, ElkNode>(
    frames.map(({ id }) => [
      id,
      { id: frameId(id), children: [], layoutOptions: { ...SPACING, "elk.padding": FRAME_PADDING } },
    ]),
  );
  const root: ElkNode = { id: ROOT, children: [], layoutOptions: { ...OPTIONS, ...SPACING } };
  const parentOf = (box: Box) => groups.get(smallestAround(box, frames)?.id ?? "") ?? root;
  for (const box of boxes) parentOf(box).children?.push(leaf(box));
  for (const frame of frames) parentOf(frame).children?.push(groups.get(frame.id) as ElkNode);
  const end = (node: string, side: TidySocket["side"], port: string) => {
    const socket = socketId(node, side, port);
    return [known.has(socket) ? socket : node];
  };
  root.edges = links.map(
    ({ from, to }, at): ElkExtendedEdge => ({
      id: `\nlink ${at}`,
      sources: end(from.node, "output", from.port),
      targets: end(to.node, "input", to.port),
    }),
  );
  return root;
}

/** The frame that a box belongs to: of frames in frames the innermost. */
function smallestAround(box: Box, frames: readonly Box[]): Box | undefined {
  const area = ({ width, height }: Box) => width * height;
  return frames
    .filter((frame) => area(frame) > area(box) && boxesInside(frame, [box]).length > 0)
    .toSorted((a, b) => area(a) - area(b))[0];
}

/** Where elk put everything; the upper left corner of the whole stays where it was. */
export function fromElk({ boxes, frames }: TidyRequest, root: ElkNode): TidyResult {
  const placed = new Map<string, Omit<Box, "id">>();
  const walk = (parent: ElkNode, x: number, y: number) => {
    for (const { id, x: dx = 0, y: dy = 0, width = 0, height = 0, children } of parent.children ?? []) {
      placed.set(id, { x: x + dx, y: y + dy, width, height });
      if (children) walk({ id, children }, x + dx, y + dy);
    }
  };
  walk(root, 0, 0);
  const before = [...boxes, ...frames];
  const after = [...placed.values()];
  const dx = Math.min(...before.map(({ x }) => x)) - Math.min(...after.map(({ x }) => x));
  const dy = Math.min(...before.map(({ y }) => y)) - Math.min(...after.map(({ y }) => y));
  const at = (id: string) => {
    const { x = 0, y = 0, width = 0, height = 0 } = placed.get(id) ?? {};
    return { x: Math.round(x + dx), y: Math.round(y + dy), width: Math.round(width), height: Math.round(height) };
  };
  return {
    nodes: new Map(boxes.map(({ id }) => [id, { x: at(id).x, y: at(id).y }])),
    frames: new Map(frames.map(({ id }) => [id, at(frameId(id))])),
  };
}
