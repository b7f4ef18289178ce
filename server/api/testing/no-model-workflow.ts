import type { WorkflowDocument } from "../../../graph/document.ts";

/** Draws a rectangle without any model: for tests and benchmarks of all that is around the engine. */
export function noModelWorkflow(size = 64): WorkflowDocument {
  const node = (id: string, type: string, params: Record<string, string | number | boolean> = {}) => ({
    id,
    type,
    typeVersion: 1,
    position: { x: 0, y: 0 },
    params,
    mode: "active" as const,
  });
  const link = (from: string, to: string) => {
    const [fromNode, fromPort] = from.split(".");
    const [toNode, toPort] = to.split(".");
    return { id: `${from}-${to}`, from: { node: fromNode!, port: fromPort! }, to: { node: toNode!, port: toPort! } };
  };
  return {
    format: "heddle-workflow",
    version: 1,
    title: "A rectangle without a model",
    nodes: [
      node("shape", "shape-mask", {
        left: 0,
        top: 0,
        width: size / 2,
        height: size / 2,
        maskWidth: size,
        maskHeight: size,
      }),
      node("image", "mask-to-image"),
      node("show", "preview-image"),
    ],
    links: [link("shape.mask", "image.mask"), link("image.image", "show.image")],
  };
}
