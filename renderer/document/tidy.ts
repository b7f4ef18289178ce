import { Graph, layout } from "@dagrejs/dagre";
import type { Box } from "./arrange.ts";
import type { Point } from "./commands.ts";

/** What a tidy-up is told: boxes in flow pixels, links among them by id. */
export interface TidyRequest {
  readonly boxes: readonly Box[];
  readonly links: readonly { readonly from: string; readonly to: string }[];
}

const COLUMN_GAP = 60;
const ROW_GAP = 28;

/** Layers from left to right, as links flow; the upper left corner of the whole stays where it is. */
export function tidy({ boxes, links }: TidyRequest): Map<string, Point> {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", ranksep: COLUMN_GAP, nodesep: ROW_GAP, ranker: "tight-tree" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const { from, to } of links) graph.setEdge(from, to);
  layout(graph);
  const placed = boxes.map((box) => {
    const { x = 0, y = 0 } = graph.node(box.id);
    return { id: box.id, x: x - box.width / 2, y: y - box.height / 2 };
  });
  const dx = Math.min(...boxes.map(({ x }) => x)) - Math.min(...placed.map(({ x }) => x));
  const dy = Math.min(...boxes.map(({ y }) => y)) - Math.min(...placed.map(({ y }) => y));
  return new Map(placed.map(({ id, x, y }) => [id, { x: Math.round(x + dx), y: Math.round(y + dy) }]));
}
