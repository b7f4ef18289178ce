import type { Point } from "../document/point.ts";

/** The middle of a link as it is drawn, in pixels of the window; `undefined` when it is not drawn. */
export function middleOfLink(id: string): Point | undefined {
  const edge = document.querySelector(`.react-flow__edge[data-id="${CSS.escape(id)}"]`);
  const path = edge?.querySelector<SVGPathElement>("path");
  const matrix = path?.getScreenCTM();
  if (!path || !matrix) return undefined;
  const { x, y } = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(matrix);
  return { x, y };
}
