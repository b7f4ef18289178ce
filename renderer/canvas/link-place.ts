import type { Point } from "../document/point.ts";

/** The middle of a link as it is drawn, in pixels of the window; `undefined` when it is not drawn. */
export function middleOfLink(id: string): Point | undefined {
  return middleOf(document.querySelector(`.react-flow__edge[data-id="${CSS.escape(id)}"]`));
}

/** The ids and middles of all links that are drawn: looking each up by itself would search the page as often. */
export function middlesOfLinks(): Map<string, Point> {
  const found = [...document.querySelectorAll(".react-flow__edge")].flatMap((edge) => {
    const [id, middle] = [edge.getAttribute("data-id"), middleOf(edge)];
    return id !== null && middle ? [[id, middle] as const] : [];
  });
  return new Map(found);
}

function middleOf(edge: Element | null): Point | undefined {
  const path = edge?.querySelector<SVGPathElement>("path");
  const matrix = path?.getScreenCTM();
  if (!path || !matrix) return undefined;
  const { x, y } = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(matrix);
  return { x, y };
}
