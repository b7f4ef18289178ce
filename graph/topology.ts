import { type DefinitionLookup, isPortCompatible } from "./definition.ts";
import type { PortReference, WorkflowDocument, WorkflowLink, WorkflowNode } from "./document.ts";
import { placeholderPorts } from "./placeholder.ts";

/** The document's nodes and links, ready to look up. Of duplicates the first one counts. */
export interface WorkflowIndex {
  readonly nodes: ReadonlyMap<string, WorkflowNode>;
  /** Links by the node they enter, then by its input. */
  readonly linksInto: ReadonlyMap<string, ReadonlyMap<string, WorkflowLink>>;
}

export function indexWorkflow(document: WorkflowDocument): WorkflowIndex {
  const nodes = new Map<string, WorkflowNode>();
  for (const node of document.nodes) if (!nodes.has(node.id)) nodes.set(node.id, node);
  const linksInto = new Map<string, Map<string, WorkflowLink>>();
  for (const link of document.links) {
    const ports = linksInto.get(link.to.node) ?? new Map<string, WorkflowLink>();
    if (!ports.has(link.to.port)) ports.set(link.to.port, link);
    linksInto.set(link.to.node, ports);
  }
  return { nodes, linksInto };
}

/** Where a link's value really comes from, once bypassed nodes are passed through. */
export type Source =
  | { kind: "port"; node: string; port: string }
  /** Behind this node, which is muted, nothing runs. */
  | { kind: "muted"; node: string }
  /** This bypassed node has no linked input of that type to pass on. */
  | { kind: "nothing-to-pass"; node: string }
  | { kind: "missing"; node: string };

export function resolveSource(index: WorkflowIndex, definitions: DefinitionLookup, from: PortReference): Source {
  const seen = new Set<string>();
  let at = from;
  for (;;) {
    const node = index.nodes.get(at.node);
    if (!node) return { kind: "missing", node: at.node };
    if (node.mode === "muted") return { kind: "muted", node: node.id };
    if (node.mode !== "bypassed") return { kind: "port", node: node.id, port: at.port };
    const next = seen.has(node.id) ? undefined : passedThrough(index, definitions, node, at.port);
    if (!next) return { kind: "nothing-to-pass", node: node.id };
    seen.add(node.id);
    at = next.from;
  }
}

/** The link whose value a bypassed node gives out at `port`: that of its first linked input of the same type. */
function passedThrough(
  index: WorkflowIndex,
  definitions: DefinitionLookup,
  node: WorkflowNode,
  port: string,
): WorkflowLink | undefined {
  const definition = definitions(node.type);
  const links = index.linksInto.get(node.id);
  if (!definition) return links && passedThroughPlaceholder(node, port, links);
  const output = definition.outputs.find(({ name }) => name === port);
  if (!output) return undefined;
  const carrier = definition.inputs.find(({ name, type }) => links?.has(name) && isPortCompatible(type, output.type));
  return carrier && links?.get(carrier.name);
}

/** As ComfyUI does it: the input of the output's own place where the type fits, or else the first linked one that does. */
function passedThroughPlaceholder(
  node: WorkflowNode,
  port: string,
  links: ReadonlyMap<string, WorkflowLink>,
): WorkflowLink | undefined {
  const { inputs, outputs } = placeholderPorts(node);
  const place = outputs.findIndex(({ name }) => name === port);
  const output = outputs[place];
  if (!output) return undefined;
  const carrier = [...inputs.slice(place, place + 1), ...inputs].find(
    ({ name, type }) => links.has(name) && (type === output.type || output.type === "*"),
  );
  return carrier && links.get(carrier.name);
}

/** The given nodes and everything that their links come from; nothing is looked for behind a muted node. */
export function upstreamOf(index: WorkflowIndex, roots: Iterable<string>): Set<string> {
  const found = new Set<string>();
  const waiting = [...roots];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const node = index.nodes.get(id);
    if (!node || node.mode === "muted" || found.has(id)) continue;
    found.add(id);
    for (const link of index.linksInto.get(id)?.values() ?? []) waiting.push(link.from.node);
  }
  return found;
}

/**
 * Loops of links, each as node ids in the direction of the links. Every group of nodes that keeps itself from running
 * is named at least once.
 */
export function findCycles(index: WorkflowIndex): string[][] {
  const cycles = new Map<string, string[]>();
  const settled = new Set<string>();
  for (const start of index.nodes.keys()) {
    // Depth first along the links backwards, without recursion: a chain may be 20,000 nodes long.
    const path: string[] = [];
    const onPath = new Set<string>();
    const stack: { id: string; entered: boolean }[] = [{ id: start, entered: false }];
    for (let frame = stack.pop(); frame; frame = stack.pop()) {
      const { id } = frame;
      if (frame.entered) {
        path.pop();
        onPath.delete(id);
        settled.add(id);
      } else if (onPath.has(id)) {
        const cycle = path.slice(path.indexOf(id)).reverse();
        cycles.set(JSON.stringify(cycle), cycle);
      } else if (!settled.has(id) && index.nodes.has(id)) {
        path.push(id);
        onPath.add(id);
        stack.push({ id, entered: true });
        for (const link of index.linksInto.get(id)?.values() ?? []) stack.push({ id: link.from.node, entered: false });
      }
    }
  }
  return [...cycles.values()];
}
