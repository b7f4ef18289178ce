import type { WorkflowDocument, WorkflowLink, WorkflowNode } from "../../graph/document.ts";

const COLUMNS = 42;
const KINDS = ["prompt", "sampler", "vae-decode", "preview-image"] as const;

/**
 * A workflow of `count` nodes and about 1.7 times as many links: in each row a model and a size, and from them chains of
 * prompt, sampler, decoder and preview.
 */
export function largeWorkflow(count: number): WorkflowDocument {
  const nodes: WorkflowNode[] = [];
  const links: WorkflowLink[] = [];
  const link = (from: string, fromPort: string, to: string, toPort: string) =>
    links.push({
      id: `${from}.${fromPort}-${to}.${toPort}`,
      from: { node: from, port: fromPort },
      to: { node: to, port: toPort },
    });
  let before = "";
  for (let at = 0; at < count; at++) {
    const column = at % COLUMNS;
    const row = Math.floor(at / COLUMNS);
    const model = `load-model-${row}`;
    const size = `image-size-${row}`;
    const kind =
      column === 0 ? "load-model" : column === 1 ? "image-size" : (KINDS[(column - 2) % KINDS.length] ?? "prompt");
    const id = column < 2 ? `${kind}-${row}` : `${kind}-${at}`;
    nodes.push(node(id, kind, at));
    if (kind === "image-size") link(model, "model", id, "model");
    if (kind === "prompt") link(model, "textEncoder", id, "textEncoder");
    if (kind === "sampler") {
      link(model, "model", id, "model");
      link(size, "latent", id, "latent");
      link(before, "conditioning", id, "positive");
    }
    if (kind === "vae-decode") {
      link(model, "vae", id, "vae");
      link(before, "latent", id, "latent");
    }
    if (kind === "preview-image") link(before, "image", id, "image");
    before = id;
  }
  return { format: "heddle-workflow", version: 1, title: `${count} nodes`, nodes, links };
}

function node(id: string, type: string, at: number): WorkflowNode {
  return {
    id,
    type,
    typeVersion: 1,
    position: { x: (at % COLUMNS) * 330, y: Math.floor(at / COLUMNS) * 620 },
    params: type === "prompt" ? { text: `prompt number ${at}` } : {},
    mode: "active",
  };
}
