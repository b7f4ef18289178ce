import type { WorkflowDocument, WorkflowLink, WorkflowNode } from "../../graph/document.ts";

const COLUMNS = 41;
const KINDS = ["prompt", "sampler", "vae-decode", "preview-image"] as const;

/**
 * A workflow of `count` nodes and about 1.7 times as many links: chains of prompt, sampler, decoder and preview
 * around one model.
 */
export function largeWorkflow(count: number): WorkflowDocument {
  const nodes: WorkflowNode[] = [node("model", "load-model", 0), node("size", "image-size", COLUMNS - 1)];
  const links: WorkflowLink[] = [];
  const link = (from: string, fromPort: string, to: string, toPort: string) =>
    links.push({
      id: `${from}.${fromPort}-${to}.${toPort}`,
      from: { node: from, port: fromPort },
      to: { node: to, port: toPort },
    });
  link("model", "model", "size", "model");
  for (let at = 1; at < count - 1; at++) {
    const kind = KINDS[(at - 1) % KINDS.length] ?? "prompt";
    const id = `${kind}-${at}`;
    const before = `${KINDS[(at + KINDS.length - 2) % KINDS.length]}-${at - 1}`;
    nodes.push(node(id, kind, at));
    if (kind === "prompt") link("model", "textEncoder", id, "textEncoder");
    if (kind === "sampler") {
      link("model", "model", id, "model");
      link("size", "latent", id, "latent");
      link(before, "conditioning", id, "positive");
    }
    if (kind === "vae-decode") {
      link("model", "vae", id, "vae");
      link(before, "latent", id, "latent");
    }
    if (kind === "preview-image") link(before, "image", id, "image");
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
