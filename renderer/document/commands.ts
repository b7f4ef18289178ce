import { type DefinitionLookup, isPortCompatible, type NodeDefinition } from "../../graph/definition.ts";
import type {
  JsonValue,
  NodeMode,
  Subgraph,
  WorkflowDocument,
  WorkflowFrame,
  WorkflowLink,
  WorkflowNode,
} from "../../graph/document.ts";
import { findInput } from "../../graph/linkable-params.ts";
import { INPUT_NODE, isBoundary, isInstance, subgraphIdOf, subgraphsUsedIn } from "../../graph/subgraphs/boundary.ts";
import { indexWorkflow, resolveSource } from "../../graph/topology.ts";
import { freshFrameId, freshLinkId, freshNodeId, idsOf } from "./ids.ts";
import { applyPatches, type Collection, type EntityPatch, metaOf, type Patch } from "./patch.ts";
import type { Point } from "./point.ts";
import { addSubgraphs, refuseRecursion, renamedType } from "./subgraph-commands.ts";

/**
 * Everything a person can do to a workflow, as pure functions from a document to patches. A command that changes nothing
 * returns no patches.
 */
export type { Point } from "./point.ts";
export interface LinkEnds {
  readonly from: { readonly node: string; readonly port: string };
  readonly to: { readonly node: string; readonly port: string };
}

export function addNode(
  document: WorkflowDocument,
  definition: NodeDefinition,
  position: Point,
): { patches: Patch[]; nodeId: string } {
  const stem = subgraphIdOf(definition) ?? definition.type;
  const nodeId = freshNodeId(stem, idsOf(document).nodes);
  const node: WorkflowNode = {
    id: nodeId,
    type: definition.type,
    typeVersion: definition.version,
    position: { ...position },
    // A node for a subgraph has the values that are inside until it is given its own.
    params: isInstance(definition)
      ? {}
      : Object.fromEntries(definition.params.map((param) => [param.name, param.default])),
    mode: "active",
  };
  return { patches: [{ collection: "nodes", index: document.nodes.length, after: node }], nodeId };
}

export function removeLinks(document: WorkflowDocument, ids: ReadonlySet<string>): Patch[] {
  return removals(document.links, "links", (link) => ids.has(link.id));
}

/**
 * Nodes, every link that touches them, and loose links in one step, as the Delete key means it. Locked nodes stay, and so
 * do the boundary nodes of a subgraph. What a node would pass on while it is bypassed goes on to where it went, as in ComfyUI.
 */
export function removeSelection(
  document: WorkflowDocument,
  definitionOf: DefinitionLookup,
  chosen: ReadonlySet<string>,
  links: ReadonlySet<string>,
  frames: ReadonlySet<string> = new Set(),
): Patch[] {
  const nodes = new Set(
    document.nodes.filter((node) => chosen.has(node.id) && !isLocked(node) && !isBoundary(node)).map(({ id }) => id),
  );
  const removed = [
    ...removals(document.frames ?? [], "frames", (frame) => frames.has(frame.id)),
    ...removals(
      document.links,
      "links",
      (link) => links.has(link.id) || nodes.has(link.from.node) || nodes.has(link.to.node),
    ),
    ...removals(document.nodes, "nodes", (node) => nodes.has(node.id)),
  ];
  return [...removed, ...joinAcross(document, definitionOf, nodes, links, applyPatches(document, removed))];
}

/** Links from what went into removed nodes to what they fed: `rest` is without them. */
function joinAcross(
  document: WorkflowDocument,
  definitionOf: DefinitionLookup,
  nodes: ReadonlySet<string>,
  links: ReadonlySet<string>,
  rest: WorkflowDocument,
): Patch[] {
  const kept = document.links.filter(({ id }) => !links.has(id));
  const leaving = kept.filter(({ from, to }) => nodes.has(from.node) && !nodes.has(to.node));
  if (leaving.length === 0) return [];
  const index = indexWorkflow({
    ...document,
    links: kept,
    nodes: document.nodes.map((node) => ({ ...node, mode: nodes.has(node.id) ? "bypassed" : "active" })),
  });
  const taken = idsOf(document).links;
  const joined: Patch[] = [];
  for (const { from, to } of leaving) {
    const source = resolveSource(index, definitionOf, from);
    const ends = source.kind === "port" && { from: { node: source.node, port: source.port }, to };
    if (!ends || whyNotLink(rest, definitionOf, ends) !== undefined) continue;
    const id = freshLinkId(taken);
    taken.add(id);
    joined.push({ collection: "links", index: rest.links.length + joined.length, after: { id, ...ends } });
  }
  return joined;
}

export function moveNodes(document: WorkflowDocument, positions: ReadonlyMap<string, Point>): Patch[] {
  return changeNodes(document, (node) => {
    const to = positions.get(node.id);
    if (!to || (to.x === node.position.x && to.y === node.position.y)) return node;
    return { ...node, position: { ...node.position, x: to.x, y: to.y } };
  });
}

export function setParam(document: WorkflowDocument, nodeId: string, name: string, value: JsonValue): Patch[] {
  const index = document.nodes.findIndex(({ id }) => id === nodeId);
  const before = document.nodes[index];
  if (!before || before.params[name] === value) return [];
  return [{ collection: "nodes", index, before, after: { ...before, params: { ...before.params, [name]: value } } }];
}

export function setMode(document: WorkflowDocument, ids: ReadonlySet<string>, mode: NodeMode): Patch[] {
  return changeNodes(document, (node) => (ids.has(node.id) && node.mode !== mode ? { ...node, mode } : node));
}

export function setCollapsed(document: WorkflowDocument, ids: ReadonlySet<string>, collapsed: boolean): Patch[] {
  return changeNodes(document, (node) =>
    ids.has(node.id) && Boolean(node.collapsed) !== collapsed ? { ...node, collapsed } : node,
  );
}

/** `undefined` takes the usual colour again. */
export function setColor(document: WorkflowDocument, ids: ReadonlySet<string>, color: string | undefined): Patch[] {
  return changeNodes(document, (node) => {
    if (!ids.has(node.id) || node.color === color) return node;
    const { color: _old, ...rest } = node;
    return (color === undefined ? rest : { ...rest, color }) as WorkflowNode;
  });
}

/** A pinned node stays where it is: it is neither dragged nor tidied. */
const PINNED = "pinned";
export const isPinned = (node: WorkflowNode): boolean => node[PINNED] === true || isLocked(node);

export function setPinned(document: WorkflowDocument, ids: ReadonlySet<string>, pinned: boolean): Patch[] {
  return setFlag(document, ids, PINNED, pinned);
}

/** A locked node is neither moved nor changed nor deleted. */
const LOCKED = "locked";
export const isLocked = (node: WorkflowNode): boolean => node[LOCKED] === true;

export function setLocked(document: WorkflowDocument, ids: ReadonlySet<string>, locked: boolean): Patch[] {
  return setFlag(document, ids, LOCKED, locked);
}

function setFlag(document: WorkflowDocument, ids: ReadonlySet<string>, name: string, value: boolean): Patch[] {
  return changeNodes(document, (node) => {
    if (!ids.has(node.id) || (node[name] === true) === value) return node;
    const { [name]: _old, ...rest } = node;
    return (value ? { ...rest, [name]: true } : rest) as WorkflowNode;
  });
}

/** Params whose rows have a socket although nothing is linked to them, listed by name on the node. */
const SOCKET_PARAMS = "socketParams";

export function socketParams(node: WorkflowNode): readonly string[] {
  const names = node[SOCKET_PARAMS];
  return Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [];
}

/** Makes a param an input socket; back again, its link goes and the typed value counts. */
export function setSocketParam(document: WorkflowDocument, nodeId: string, param: string, isSocket: boolean): Patch[] {
  const links = isSocket ? [] : document.links.filter(({ to }) => to.node === nodeId && to.port === param);
  return [
    ...removeLinks(document, new Set(links.map(({ id }) => id))),
    ...changeNodes(document, (node) => {
      if (node.id !== nodeId || socketParams(node).includes(param) === isSocket) return node;
      const names = isSocket
        ? [...socketParams(node), param]
        : socketParams(node).filter((candidate) => candidate !== param);
      const { [SOCKET_PARAMS]: _old, ...rest } = node;
      return (names.length > 0 ? { ...rest, [SOCKET_PARAMS]: names } : rest) as WorkflowNode;
    }),
  ];
}

export function addFrame(
  document: WorkflowDocument,
  frame: Omit<WorkflowFrame, "id">,
): { patches: Patch[]; frameId: string } {
  const frames = document.frames ?? [];
  const frameId = freshFrameId(new Set(frames.map(({ id }) => id)));
  const after = { ...frame, id: frameId } as WorkflowFrame;
  const creates = document.frames === undefined ? { creates: true } : {};
  return { patches: [{ collection: "frames", index: frames.length, after, ...creates }], frameId };
}

export function changeFrames(document: WorkflowDocument, change: (frame: WorkflowFrame) => WorkflowFrame): Patch[] {
  return (document.frames ?? []).flatMap((before, index): EntityPatch[] => {
    const after = change(before);
    return JSON.stringify(after) === JSON.stringify(before) ? [] : [{ collection: "frames", index, before, after }];
  });
}

/** An empty title takes the definition's title again. */
export function renameNode(document: WorkflowDocument, nodeId: string, title: string): Patch[] {
  return changeNodes(document, (node) => {
    if (node.id !== nodeId || (node.title ?? "") === title) return node;
    const { title: _old, ...rest } = node;
    return (title ? { ...rest, title } : rest) as WorkflowNode;
  });
}

export function resizeNode(
  document: WorkflowDocument,
  nodeId: string,
  size: { width: number; height: number },
  position?: Point,
): Patch[] {
  return changeNodes(document, (node) =>
    node.id === nodeId
      ? {
          ...node,
          size: { ...node.size, ...size },
          position: position ? { ...node.position, ...position } : node.position,
        }
      : node,
  );
}

export function setTitle(document: WorkflowDocument, title: string): Patch[] {
  if (document.title === title) return [];
  const before = metaOf(document);
  return [{ collection: "meta", before, after: { ...before, title } }];
}

/** Why a link cannot be made; `undefined` when it can. */
export type LinkRefusal = "same-node" | "unknown-port" | "wrong-type" | "cycle";

export function whyNotLink(
  document: WorkflowDocument,
  definitionOf: DefinitionLookup,
  { from, to }: LinkEnds,
): LinkRefusal | undefined {
  if (from.node === to.node) return "same-node";
  const fromType = portType(document, definitionOf, from, "outputs");
  const toType = portType(document, definitionOf, to, "inputs");
  if (!fromType || !toType) return "unknown-port";
  if (!isPortCompatible(fromType, toType)) return "wrong-type";
  return reaches(document, to.node, from.node) ? "cycle" : undefined;
}

/** Makes a link; the link that fed the input before gives way. */
export function addLink(document: WorkflowDocument, ends: LinkEnds): Patch[] {
  const occupied = document.links.filter((link) => link.to.node === ends.to.node && link.to.port === ends.to.port);
  if (occupied.some((link) => link.from.node === ends.from.node && link.from.port === ends.from.port)) return [];
  const removed = removeLinks(document, new Set(occupied.map((link) => link.id)));
  const link: WorkflowLink = {
    id: freshLinkId(idsOf(document).links),
    from: { ...ends.from },
    to: { ...ends.to },
  };
  return [...removed, { collection: "links", index: document.links.length - removed.length, after: link }];
}

/** Puts a node that is already there into a link: what the link carried goes through the node's first fitting sockets. */
export function insertInLink(
  document: WorkflowDocument,
  definitionOf: DefinitionLookup,
  linkId: string,
  nodeId: string,
): Patch[] {
  const link = document.links.find(({ id }) => id === linkId);
  const node = document.nodes.find(({ id }) => id === nodeId);
  const definition = node && definitionOf(node.type);
  if (!link || !definition || link.from.node === nodeId || link.to.node === nodeId) return [];
  const without = applyPatches(document, removeLinks(document, new Set([linkId])));
  const isFree = (ends: LinkEnds) => whyNotLink(without, definitionOf, ends) === undefined;
  const input = definition.inputs.find((port) => isFree({ from: link.from, to: { node: nodeId, port: port.name } }));
  const output = definition.outputs.find((port) => isFree({ from: { node: nodeId, port: port.name }, to: link.to }));
  if (!input || !output) return [];
  const first = addLink(without, { from: link.from, to: { node: nodeId, port: input.name } });
  const second = addLink(applyPatches(without, first), { from: { node: nodeId, port: output.name }, to: link.to });
  return [...removeLinks(document, new Set([linkId])), ...first, ...second];
}

/** Takes one end of a link elsewhere, as one change; put back where it was, none. */
export function moveLink(document: WorkflowDocument, linkId: string, ends: LinkEnds): Patch[] {
  const link = document.links.find(({ id }) => id === linkId);
  if (link && isSameEnd(link.from, ends.from) && isSameEnd(link.to, ends.to)) return [];
  const removed = removeLinks(document, new Set([linkId]));
  return [...removed, ...addLink(applyPatches(document, removed), ends)];
}

const isSameEnd = (a: LinkEnds["from"], b: LinkEnds["from"]): boolean => a.node === b.node && a.port === b.port;

/** A piece of a workflow, as the clipboard holds it. */
export interface Fragment {
  readonly nodes: readonly WorkflowNode[];
  readonly links: readonly WorkflowLink[];
  readonly frames?: readonly WorkflowFrame[] | undefined;
  /** The subgraphs that the nodes stand for, and those inside. */
  readonly subgraphs?: readonly Subgraph[] | undefined;
  /** The types of the nodes, not in the fragment, that its links come from; by id. */
  readonly sources?: Readonly<Record<string, string>> | undefined;
}

/** The chosen nodes with the links among them and the links that feed them, and the chosen frames. */
export function copyFragment(
  document: WorkflowDocument,
  ids: ReadonlySet<string>,
  frameIds: ReadonlySet<string> = new Set(),
): Fragment {
  const frames = (document.frames ?? []).filter(({ id }) => frameIds.has(id));
  const nodes = document.nodes.filter((node) => ids.has(node.id) && !isBoundary(node));
  const subgraphs = [...subgraphsUsedIn(nodes, document.subgraphs ?? []).values()];
  const links = document.links.filter((link) => ids.has(link.to.node));
  const sources = new Set(links.map(({ from }) => from.node));
  const outside = document.nodes.filter(({ id }) => !ids.has(id) && sources.has(id));
  return {
    nodes,
    links,
    ...(outside.length > 0 ? { sources: Object.fromEntries(outside.map(({ id, type }) => [id, type])) } : {}),
    ...(frames.length > 0 ? { frames } : {}),
    ...(subgraphs.length > 0 ? { subgraphs } : {}),
  };
}

/**
 * Adds a fragment with fresh ids, moved by `offset`. Links among its nodes come along; links from outside come along
 * where that node is still there: in another workflow, a node of another type may have its id. Subgraphs come along.
 * @param inside subgraphs that `document` is the graph of
 * @throws HeddleError `subgraph-recursive`
 */
export function insertFragment(
  document: WorkflowDocument,
  fragment: Fragment,
  offset: Point,
  inside: readonly Subgraph[] = [],
): { patches: Patch[]; nodeIds: string[]; frameIds: string[] } {
  const taken = idsOf(document);
  const renamed = new Map<string, string>();
  const { patches: added, ids } = addSubgraphs(document, fragment.subgraphs ?? []);
  const patches: Patch[] = [...added];
  const nodes = fragment.nodes.map((node) => renamedType(node, ids));
  refuseRecursion(applyPatches(document, added).subgraphs ?? [], nodes, inside);
  for (const [at, node] of nodes.entries()) {
    const id = freshNodeId(node.id.replace(/-\d+$/, ""), taken.nodes);
    taken.nodes.add(id);
    renamed.set(node.id, id);
    const position = { ...node.position, x: node.position.x + offset.x, y: node.position.y + offset.y };
    patches.push({ collection: "nodes", index: document.nodes.length + at, after: { ...node, id, position } });
  }
  const typeOf = new Map(document.nodes.map(({ id, type }) => [id, type]));
  const isThere = ({ node, port }: WorkflowLink["from"]) => {
    const type = typeOf.get(node);
    if (type === undefined || (fragment.sources?.[node] ?? type) !== type) return false;
    return type !== INPUT_NODE || inside.at(-1)?.inputs.some(({ name }) => name === port) === true;
  };
  let index = document.links.length;
  for (const link of fragment.links) {
    const source = renamed.get(link.from.node) ?? (isThere(link.from) ? link.from.node : undefined);
    const target = renamed.get(link.to.node);
    if (!source || !target) continue;
    const id = freshLinkId(taken.links);
    taken.links.add(id);
    const after = { ...link, id, from: { ...link.from, node: source }, to: { ...link.to, node: target } };
    patches.push({ collection: "links", index: index++, after });
  }
  const frames = insertFrames(document, fragment.frames ?? [], offset);
  return { patches: [...patches, ...frames.patches], nodeIds: [...renamed.values()], frameIds: frames.frameIds };
}

/**
 * `offset`, and as many steps more as it takes until no copy lies exactly on something of its kind: one would not see that
 * there are two.
 */
export function clearOffset(document: WorkflowDocument, fragment: Fragment, offset: Point, step: Point): Point {
  const spot = (type: string, { x, y }: Point) => `${Math.round(x)} ${Math.round(y)} ${type}`;
  const spots = ({ nodes, frames = [] }: Pick<Fragment, "nodes" | "frames">, by: Point) => [
    ...nodes.map(({ type, position }) => spot(type, { x: position.x + by.x, y: position.y + by.y })),
    ...frames.map(({ position }) => spot("frame", { x: position.x + by.x, y: position.y + by.y })),
  ];
  const taken = new Set(spots(document, { x: 0, y: 0 }));
  let { x, y } = offset;
  while ((step.x !== 0 || step.y !== 0) && spots(fragment, { x, y }).some((one) => taken.has(one))) {
    x += step.x;
    y += step.y;
  }
  return { x, y };
}

function insertFrames(document: WorkflowDocument, frames: readonly WorkflowFrame[], offset: Point) {
  let after = document;
  const patches: Patch[] = [];
  const frameIds: string[] = [];
  for (const { id: _old, ...frame } of frames) {
    const position = { ...frame.position, x: frame.position.x + offset.x, y: frame.position.y + offset.y };
    const added = addFrame(after, { ...frame, position } as Omit<WorkflowFrame, "id">);
    after = applyPatches(after, added.patches);
    patches.push(...added.patches);
    frameIds.push(added.frameId);
  }
  return { patches, frameIds };
}

function portType(
  document: WorkflowDocument,
  definitionOf: DefinitionLookup,
  reference: { readonly node: string; readonly port: string },
  side: "inputs" | "outputs",
) {
  const node = document.nodes.find((candidate) => candidate.id === reference.node);
  const definition = node && definitionOf(node.type);
  if (!definition) return undefined;
  return side === "inputs"
    ? findInput(definition, reference.port)?.type
    : definition.outputs.find((port) => port.name === reference.port)?.type;
}

/** Whether following links downstream from `start` arrives at `goal`. */
function reaches(document: WorkflowDocument, start: string, goal: string): boolean {
  const downstream = Map.groupBy(document.links, (link) => link.from.node);
  const seen = new Set<string>();
  const stack = [start];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (at === goal) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    for (const link of downstream.get(at) ?? []) stack.push(link.to.node);
  }
  return false;
}

function changeNodes(document: WorkflowDocument, change: (node: WorkflowNode) => WorkflowNode): Patch[] {
  return document.nodes.flatMap((before, index): EntityPatch[] => {
    const after = change(before);
    return after === before ? [] : [{ collection: "nodes", index, before, after }];
  });
}

/** Removal patches from the end, so that each index is right when its turn comes. */
function removals<T extends WorkflowNode | WorkflowLink | WorkflowFrame>(
  list: readonly T[],
  collection: Collection,
  isRemoved: (entity: T) => boolean,
): Patch[] {
  return list
    .flatMap((before, index) => (isRemoved(before) ? [{ collection, index, before } as unknown as Patch] : []))
    .toReversed();
}
