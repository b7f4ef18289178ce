import type { Rect, Viewport } from "@xyflow/react";

/** The part of the window that the canvas has, in its pixels. */
export interface Stage {
  readonly width: number;
  readonly height: number;
  /** So much of its upper edge lies under something else than the switch to the form. */
  readonly covered?: number;
}

/** Where to look at a workflow from when it is opened. Pure; flow pixels in, a React Flow viewport out. */
const MAX_ZOOM = 1;
/** Cards are drawn with their settings from here on (see `node-card.tsx`): a workflow that needs no less is seen as a whole. */
const LEAST_ZOOM_OF_ALL = 0.36;
/** Parameters can be read from here on; a larger workflow shows its beginning rather than all of it, too small to make out. */
const READABLE_ZOOM = 0.75;
const SMALLEST_ZOOM = 0.1;
/** The switch to the form lies over the upper edge of the canvas, the tool bar over the lower one. */
const PADDING = { top: 56, left: 32, right: 32, bottom: 72 };

export function openingView(
  boxes: readonly Rect[],
  stage: Stage,
  { leastOfAll = LEAST_ZOOM_OF_ALL, beginning = READABLE_ZOOM } = {},
): Viewport {
  if (boxes.length === 0) return { x: 0, y: 0, zoom: 1 };
  const all = boundsOf(boxes);
  const { x: left, y: top, ...free } = freePart(stage);
  const fitting = Math.min(MAX_ZOOM, free.width / all.width, free.height / all.height);
  const zoom = fitting < leastOfAll ? beginning : fitting;
  const along = (start: number, length: number, room: number, edge: number) =>
    edge - start * zoom + Math.max(0, (room - length * zoom) / 2);
  return {
    x: Math.round(along(all.x, all.width, free.width, left)),
    y: Math.round(along(all.y, all.height, free.height, top)),
    zoom,
  };
}

/** Large enough to read: all of it, or its beginning. */
export const readableView = (boxes: readonly Rect[], stage: Stage): Viewport =>
  openingView(boxes, stage, { leastOfAll: READABLE_ZOOM });

/** All of it, however small that makes it. */
export const fittingView = (boxes: readonly Rect[], stage: Stage): Viewport =>
  openingView(boxes, stage, { leastOfAll: SMALLEST_ZOOM, beginning: SMALLEST_ZOOM });

/** The part of the stage that nothing lies over. */
export function freePart(stage: Stage): Rect {
  const top = Math.max(PADDING.top, stage.covered ?? 0);
  return {
    x: PADDING.left,
    y: top,
    width: stage.width - PADDING.left - PADDING.right,
    height: stage.height - top - PADDING.bottom,
  };
}

/** Whether somebody who looks from `view` sees any of it: a view saved in a larger window may show nothing in this one. */
export function showsSome(view: Viewport, boxes: readonly Rect[], stage: { width: number; height: number }): boolean {
  return boxes.some((box) => {
    const left = box.x * view.zoom + view.x;
    const top = box.y * view.zoom + view.y;
    return (
      left < stage.width && top < stage.height && left + box.width * view.zoom > 0 && top + box.height * view.zoom > 0
    );
  });
}

export function boundsOf(boxes: readonly Rect[]): Rect {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  };
}
