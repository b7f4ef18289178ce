import type { WorkflowLink, WorkflowNode } from "../document.ts";

const COLUMN_WIDTH = 360;
const ROW_HEIGHT = 300;

/** Places nodes in columns from left to right, each right of all that feed it; for formats that say nothing about places. */
export function columnLayout(nodes: readonly WorkflowNode[], links: readonly WorkflowLink[]): WorkflowNode[] {
  const column = columnsOf(nodes, links);
  const rows = new Map<number, number>();
  return nodes.map((node) => {
    const x = column.get(node.id) ?? 0;
    const y = rows.get(x) ?? 0;
    rows.set(x, y + 1);
    return { ...node, position: { x: x * COLUMN_WIDTH, y: y * ROW_HEIGHT } };
  });
}

/** The longest way from a node without inputs; nodes in a loop stay in the first column. */
function columnsOf(nodes: readonly WorkflowNode[], links: readonly WorkflowLink[]): Map<string, number> {
  const waiting = new Map(nodes.map(({ id }) => [id, 0]));
  const next = new Map<string, string[]>();
  for (const { from, to } of links) {
    waiting.set(to.node, (waiting.get(to.node) ?? 0) + 1);
    const targets = next.get(from.node);
    if (targets) targets.push(to.node);
    else next.set(from.node, [to.node]);
  }
  const columns = new Map<string, number>();
  const ready = nodes.filter(({ id }) => waiting.get(id) === 0).map(({ id }) => id);
  for (let at = 0; at < ready.length; at++) {
    const id = ready[at]!;
    const own = columns.get(id) ?? 0;
    columns.set(id, own);
    for (const target of next.get(id) ?? []) {
      columns.set(target, Math.max(columns.get(target) ?? 0, own + 1));
      const left = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  return columns;
}
