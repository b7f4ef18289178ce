import type { ComfyFrame, ComfyNode } from "./graph.ts";

interface Placed {
  nodes: ComfyNode[];
  frames: ComfyFrame[];
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const MARGIN = 40;
const TITLE_HEIGHT = 60;
const USUAL_SIZE = { width: 270, height: 160 };

/**
 * Puts the contents of a subgraph where its instance stands, and moves what stands right of or below the instance out of
 * the way. Returns a frame around the contents, with the subgraph's name; nothing for an empty subgraph.
 */
export function makeRoom(instance: ComfyNode, name: string, inner: Placed, outer: Placed): ComfyFrame | undefined {
  const contents = boxAround(inner);
  if (!contents) return undefined;
  const at = boxOf(instance);
  const width = contents.right - contents.left + 2 * MARGIN;
  const height = contents.bottom - contents.top + 2 * MARGIN + TITLE_HEIGHT;
  const grownBy = { x: Math.max(0, width - (at.right - at.left)), y: Math.max(0, height - (at.bottom - at.top)) };
  for (const frame of outer.frames) {
    if (!holds(frame, at)) continue;
    frame.size = { width: frame.size.width + grownBy.x, height: frame.size.height + grownBy.y };
  }
  for (const item of [...outer.nodes, ...outer.frames]) {
    if (item === instance || !item.position) continue;
    const { x, y } = item.position;
    item.position = { x: x >= at.right ? x + grownBy.x : x, y: y >= at.bottom ? y + grownBy.y : y };
  }
  const shift = { x: at.left + MARGIN - contents.left, y: at.top + MARGIN + TITLE_HEIGHT - contents.top };
  for (const item of [...inner.nodes, ...inner.frames]) {
    if (item.position) item.position = { x: item.position.x + shift.x, y: item.position.y + shift.y };
  }
  return { title: name, position: { x: at.left, y: at.top }, size: { width, height } };
}

function boxOf(item: ComfyNode | ComfyFrame): Box {
  const { x, y } = item.position ?? { x: 0, y: 0 };
  const { width, height } = item.size ?? USUAL_SIZE;
  return { left: x, top: y, right: x + width, bottom: y + height };
}

function boxAround({ nodes, frames }: Placed): Box | undefined {
  const boxes = [...nodes, ...frames].map(boxOf);
  if (boxes.length === 0) return undefined;
  return boxes.reduce((all, box) => ({
    left: Math.min(all.left, box.left),
    top: Math.min(all.top, box.top),
    right: Math.max(all.right, box.right),
    bottom: Math.max(all.bottom, box.bottom),
  }));
}

function holds(frame: ComfyFrame, box: Box): boolean {
  const around = boxOf(frame);
  return around.left <= box.left && around.right >= box.right && around.top <= box.top && around.bottom >= box.bottom;
}
