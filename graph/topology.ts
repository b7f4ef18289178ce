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

/** What bypassed nodes pass on, of indexes that are in use: a long row of them is walked once, however many nodes are behind it. */
const passed = new WeakMap<WorkflowIndex, { definitions: DefinitionLookup; sources: Map<string, Source> }>();

export function resolveSource(index: WorkflowIndex, definitions: DefinitionLookup, from: PortReference): Source {
  let known = passed.get(index);
  if (known?.definitions !== definitions) {
    known = { definitions, sources: new Map() };
    passed.set(index, known);
  }
  const way: string[] = [];
  const source = followBypassed(index, definitions, from, way, known.sources);
  for (const key of way) known.sources.set(key, source);
  return source;
}

/** `way` is told of the outputs of bypassed nodes on it. */
function followBypassed(
  index: WorkflowIndex,
  definitions: DefinitionLookup,
  from: PortReference,
  way: string[],
  known: ReadonlyMap<string, Source>,
): Source {
  const seen = new Set<string>();
  let at = from;
  for (;;) {
    const node = index.nodes.get(at.node);
    if (!node) return { kind: "missing", node: at.node };
    if (node.mode === "muted") return { kind: "muted", node: node.id };
    if (node.mode !== "bypassed") return { kind: "port", node: node.id, port: at.port };
    const key = JSON.stringify([node.id, at.port]);
    const earlier = known.get(key);
    if (earlier) return earlier;
    way.push(key);
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

/** Ids in all loops that are told; no person reads more. */
const MOST_TOLD = 100_000;

/**
 * Loops of links, each as node ids in the direction of the links. Every group of nodes that keeps itself from running
 * is named at least once (but for more than {@link MOST_TOLD} nodes); of all the loops within it only those that end at other nodes.
 */
export function findCycles(index: WorkflowIndex): string[][] {
  const cycles: string[][] = [];
  const named = new Set<string>();
  let told = 0;
  const settled = new Set<string>();
  for (const start of index.nodes.keys()) {
    // Depth first along the links backwards, without recursion: a chain may be 20,000 nodes long.
    const path: string[] = [];
    /** Where on the path. */
    const onPath = new Map<string, number>();
    const stack: { id: string; entered: boolean }[] = [{ id: start, entered: false }];
    for (let frame = stack.pop(); frame; frame = stack.pop()) {
      const { id } = frame;
      if (frame.entered) {
        path.pop();
        onPath.delete(id);
        settled.add(id);
      } else if (onPath.has(id)) {
        const last = path.at(-1)!;
        if (named.has(last) || told >= MOST_TOLD) continue;
        const cycle = path.slice(onPath.get(id)).reverse();
        cycles.push(cycle);
        told += cycle.length;
        named.add(last);
      } else if (!settled.has(id) && index.nodes.has(id)) {
        onPath.set(id, path.length);
        path.push(id);
        stack.push({ id, entered: true });
        for (const link of index.linksInto.get(id)?.values() ?? []) stack.push({ id: link.from.node, entered: false });
      }
    }
  }
  return cycles;
}
