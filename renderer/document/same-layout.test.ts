import { expect, test } from "vitest";
import type { WorkflowNode } from "../../graph/document.ts";
import { isSameLayout } from "./same-layout.ts";

const node = (id: string, more: Partial<WorkflowNode> = {}): WorkflowNode => ({
  ...{ id, type: "blur", typeVersion: 1, mode: "active", params: {}, position: { x: 1, y: 2 } },
  ...more,
});
const graph = (...nodes: WorkflowNode[]) => ({ nodes });
const before = graph(node("a"), node("b"));

test("a layout is where nodes and frames lie and how large they are, and nothing else", () => {
  expect(isSameLayout(before, graph(node("a", { params: { radius: 3 }, mode: "muted" }), node("b")))).toBe(true);
  expect(isSameLayout(before, graph(node("a", { collapsed: false }), node("b")))).toBe(true);
  expect(isSameLayout(before, graph(node("a")))).toBe(false);
  expect(isSameLayout(before, graph(node("a"), node("c")))).toBe(false);
  expect(isSameLayout(before, graph(node("a", { position: { x: 1, y: 3 } }), node("b")))).toBe(false);
  expect(isSameLayout(before, graph(node("a", { size: { width: 400, height: 90 } }), node("b")))).toBe(false);
  expect(isSameLayout(before, graph(node("a", { collapsed: true }), node("b")))).toBe(false);
  const frame = { id: "f", title: "", position: { x: 0, y: 0 }, size: { width: 9, height: 9 } };
  expect(isSameLayout({ ...before, frames: [frame] }, before)).toBe(false);
  expect(isSameLayout({ ...before, frames: [] }, before)).toBe(true);
});
