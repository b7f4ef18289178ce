import type { WorkflowDocument } from "../../graph/document.ts";

/** A readable id that the document does not have yet: `sampler`, `sampler-2`, ... as `--set id.param=value` wants it. */
export function freshNodeId(type: string, taken: ReadonlySet<string>): string {
  return freshId(type, taken);
}

export function freshLinkId(taken: ReadonlySet<string>): string {
  return freshId("link", taken);
}

export function freshFrameId(taken: ReadonlySet<string>): string {
  return freshId("frame", taken);
}

export function idsOf(document: WorkflowDocument): { nodes: Set<string>; links: Set<string> } {
  return {
    nodes: new Set(document.nodes.map((node) => node.id)),
    links: new Set(document.links.map((link) => link.id)),
  };
}

export function freshId(stem: string, taken: ReadonlySet<string>): string {
  if (!taken.has(stem)) return stem;
  for (let n = 2; ; n++) {
    const candidate = `${stem}-${n}`;
    if (!taken.has(candidate)) return candidate;
  }
}
