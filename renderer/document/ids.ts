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

/**
 * A UUID of version 4, for what nobody reads. Browsers give `crypto.randomUUID` to secure pages only, and one over plain HTTP from
 * another machine is none.
 */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, at) => {
    const set = at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte;
    return set.toString(16).padStart(2, "0");
  }).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export function freshId(stem: string, taken: ReadonlySet<string>): string {
  if (!taken.has(stem)) return stem;
  for (let n = 2; ; n++) {
    const candidate = `${stem}-${n}`;
    if (!taken.has(candidate)) return candidate;
  }
}
