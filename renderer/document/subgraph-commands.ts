import { HeddleError } from "../../common/errors.ts";
import type { DefinitionLookup } from "../../graph/definition.ts";
import type {
  ExposedParam,
  JsonValue,
  Subgraph,
  SubgraphParam,
  SubgraphPort,
  Sweep,
  SweepAxis,
  WorkflowDocument,
  WorkflowLink,
  WorkflowNode,
} from "../../graph/document.ts";
import { findInput } from "../../graph/linkable-params.ts";
import {
  holdsSubgraph,
  INPUT_NODE,
  instanceType,
  isBoundary,
  OUTPUT_NODE,
  PATH_SEPARATOR,
  subgraphIdOf,
  subgraphsUsedIn,
} from "../../graph/subgraphs/boundary.ts";
import { freshFrameId, freshId, freshLinkId, freshNodeId, idsOf } from "./ids.ts";
import { type EntityPatch, interfaceOf, metaOf, type Patch, type SubgraphMeta, type SubgraphPatch } from "./patch.ts";
import type { Point } from "./point.ts";
import { unlockedSeeds, withUnlockedSeeds } from "./seeds.ts";

const BOUNDARY_GAP = 120;
const BOUNDARY_WIDTH = 180;
const CARD_WIDTH = 288;

/**
 * Puts the chosen nodes of `graph` into a subgraph and a node that stands for it in their place. Links that cross its edge
 * become its sockets, one for each thing that comes in or goes out. Its form entries follow: params that were in the form
 * of the workflow become params of the subgraph. So do the axes of its matrix of runs.
 */
export function collapseToSubgraph(
  graph: WorkflowDocument,
  definitionOf: DefinitionLookup,
  chosen: { readonly nodes: ReadonlySet<string>; readonly frames?: ReadonlySet<string> },
  title: string,
  isRoot: boolean,
): { patches: Patch[]; nodeId: string; subgraphId: string } | undefined {
  const inner = graph.nodes.filter((node) => chosen.nodes.has(node.id) && !isBoundary(node));
  if (inner.length === 0) return undefined;
  const ids = new Set(inner.map(({ id }) => id));
  const frames = (graph.frames ?? []).filter(({ id }) => chosen.frames?.has(id));
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const names = new Set<string>();
  const named = (stem: string) => {
    const name = freshId(stem, names);
    names.add(name);
    return name;
  };
  const portOf = (reference: { node: string; port: string }, side: "inputs" | "outputs") => {
    const definition = definitionOf(byId.get(reference.node)?.type ?? "");
    if (!definition) return undefined;
    return side === "inputs"
      ? findInput(definition, reference.port)
      : definition.outputs.find(({ name }) => name === reference.port);
  };
  const toPort = (stem: string, label: string | undefined, type: string | undefined): SubgraphPort => ({
    name: named(stem),
    ...(label === undefined || label === "" ? {} : { label }),
    type: type ?? "any",
  });

  const entering = graph.links.filter(({ from, to }) => !ids.has(from.node) && ids.has(to.node));
  const leaving = graph.links.filter(({ from, to }) => ids.has(from.node) && !ids.has(to.node));
  const key = ({ node, port }: { node: string; port: string }) => `${node}\n${port}`;
  const inputs = [...Map.groupBy(entering, ({ from }) => key(from)).values()].map((links) => {
    const [{ from, to }] = links as [WorkflowLink];
    const target = portOf(to, "inputs");
    return { links, port: toPort(to.port, target?.label, portOf(from, "outputs")?.type ?? target?.type) };
  });
  const outputs = [...Map.groupBy(leaving, ({ from }) => key(from)).values()].map((links) => {
    const [{ from }] = links as [WorkflowLink];
    const source = portOf(from, "outputs");
    return { links, port: toPort(from.port, source?.label, source?.type) };
  });
  const moved = isRoot ? movedForm(graph, ids, named) : { params: [], exposed: undefined };

  const left = Math.min(...inner.map(({ position }) => position.x));
  const top = Math.min(...inner.map(({ position }) => position.y));
  const right = Math.max(...inner.map(({ position, size }) => position.x + (size?.width ?? CARD_WIDTH)));
  const taken = new Set(ids);
  const boundary = (type: string, stem: string, x: number): WorkflowNode => {
    const id = freshNodeId(stem, taken);
    taken.add(id);
    return { id, type, typeVersion: 1, position: { x, y: top }, params: {}, mode: "active" };
  };
  const source = boundary(INPUT_NODE, "inputs", left - BOUNDARY_GAP - BOUNDARY_WIDTH);
  const target = boundary(OUTPUT_NODE, "outputs", right + BOUNDARY_GAP);
  const subgraphId = freshId(slug(title), new Set(graph.subgraphs?.map(({ id }) => id)));
  const subgraph: Subgraph = {
    id: subgraphId,
    title,
    inputs: inputs.map(({ port }) => port),
    outputs: outputs.map(({ port }) => port),
    params: moved.params,
    nodes: [source, ...inner, target],
    links: [
      ...graph.links.filter(({ from, to }) => ids.has(from.node) && ids.has(to.node)),
      ...inputs.flatMap(({ links, port }) =>
        links.map((link) => ({ ...link, from: { node: source.id, port: port.name } })),
      ),
      ...outputs.flatMap(({ links, port }) =>
        links.slice(0, 1).map((link) => ({ ...link, to: { node: target.id, port: port.name } })),
      ),
    ],
    ...(frames.length > 0 ? { frames } : {}),
  };

  const others = new Set(graph.nodes.filter(({ id }) => !ids.has(id)).map(({ id }) => id));
  const nodeId = freshNodeId(subgraphId, others);
  const node: WorkflowNode = {
    id: nodeId,
    type: instanceType(subgraphId),
    typeVersion: 1,
    position: { x: left, y: top },
    params: {},
    mode: "active",
  };
  const gone = graph.links.filter(({ from, to }) => ids.has(from.node) || ids.has(to.node));
  const outside = [
    ...inputs.map(({ links, port }) => ({ ...links[0]!, to: { node: nodeId, port: port.name } })),
    ...outputs.flatMap(({ links, port }) =>
      links.map((link) => ({ ...link, from: { node: nodeId, port: port.name } })),
    ),
  ];
  const patches: Patch[] = [
    addedSubgraph(graph, subgraph),
    ...removed(graph.frames ?? [], "frames", (frame) => frames.includes(frame)),
    ...removed(graph.links, "links", (link) => gone.includes(link)),
    ...removed(graph.nodes, "nodes", ({ id }) => ids.has(id)),
    { collection: "nodes", index: others.size, after: node },
    ...outside.map(
      (after, at): Patch => ({ collection: "links", index: graph.links.length - gone.length + at, after }),
    ),
  ];
  if (isRoot) {
    const exposed = moved.exposed?.map((entry) => (ids.has(entry.node) ? { ...entry, node: nodeId } : entry));
    const sweep = movedSweep(graph, ({ node, param }) => {
      const first = ids.has(node) ? node : node.split(PATH_SEPARATOR)[0]!;
      if (!ids.has(first)) return undefined;
      const shown = moved.params.find((own) => own.node === node && own.param === param);
      return shown ? { node: nodeId, param: shown.name } : { node: [nodeId, node].join(PATH_SEPARATOR), param };
    });
    patches.push(...changedMeta(graph, { ...(exposed ? { exposed } : {}), ...(sweep ? { sweep } : {}) }));
  }
  return { patches, nodeId, subgraphId };
}

type Place = Pick<SweepAxis, "node" | "param">;

/** The matrix of runs with its axes elsewhere; `undefined` when `move` knows another place for none of them. */
function movedSweep({ sweep }: WorkflowDocument, move: (place: Place) => Place | undefined): Sweep | undefined {
  if (!sweep?.axes.some((axis) => move(axis))) return undefined;
  return { ...sweep, axes: sweep.axes.map((axis) => ({ ...axis, ...move(axis) })) };
}

function changedMeta(graph: WorkflowDocument, change: Pick<WorkflowDocument, "exposed" | "sweep">): Patch[] {
  const before = metaOf(graph);
  return Object.keys(change).length === 0 ? [] : [{ collection: "meta", before, after: { ...before, ...change } }];
}

/** Entries of the form whose nodes go into a subgraph: its params, under which they go on; callers see the same names. */
function movedForm(
  { exposed }: WorkflowDocument,
  ids: ReadonlySet<string>,
  named: (stem: string) => string,
): { params: SubgraphParam[]; exposed: ExposedParam[] | undefined } {
  if (!exposed?.some(({ node }) => ids.has(node))) return { params: [], exposed: undefined };
  const params: SubgraphParam[] = [];
  const entries = exposed.map((entry) => {
    if (!ids.has(entry.node)) return entry;
    const name = named(entry.param);
    params.push({ name, node: entry.node, param: entry.param });
    return { ...entry, param: name, name: entry.name ?? `${entry.node}.${entry.param}` };
  });
  return { params, exposed: entries };
}

/**
 * Puts what is in a subgraph in the place of one of the nodes that stand for it. In the workflow itself (`isRoot`), what its
 * form shows of that node and where its matrix of runs goes along follow; callers see the same names.
 */
export function unpackSubgraph(
  graph: WorkflowDocument,
  nodeId: string,
  isRoot: boolean,
): { patches: Patch[]; nodeIds: string[] } | undefined {
  const instance = graph.nodes.find(({ id }) => id === nodeId);
  const subgraphId = instance && subgraphIdOf(instance);
  const subgraph = graph.subgraphs?.find(({ id }) => id === subgraphId);
  if (!instance || !subgraph) return undefined;
  const inner = subgraph.nodes.filter((node) => !isBoundary(node));
  const boundary = (type: string) => new Set(subgraph.nodes.filter((node) => node.type === type).map(({ id }) => id));
  const entrances = boundary(INPUT_NODE);
  const exits = boundary(OUTPUT_NODE);
  const placed = inner.length > 0 ? inner : (subgraph.frames ?? []);
  const left = Math.min(...placed.map(({ position }) => position.x));
  const top = Math.min(...placed.map(({ position }) => position.y));
  const shift = (point: Point) => ({ x: point.x - left + instance.position.x, y: point.y - top + instance.position.y });

  const taken = idsOf(graph);
  taken.nodes.delete(nodeId);
  const renamed = new Map<string, string>();
  const rolled = unlockedSeeds(instance);
  const nodes = inner.map((node): WorkflowNode => {
    const id = freshNodeId(node.id, taken.nodes);
    taken.nodes.add(id);
    renamed.set(node.id, id);
    const own = subgraph.params.filter((param) => param.node === node.id);
    const values = own.flatMap(({ name, param }): [string, JsonValue][] =>
      Object.hasOwn(instance.params, name) ? [[param, instance.params[name]!]] : [],
    );
    const seeds = own.filter(({ name }) => rolled.includes(name)).map(({ param }) => param);
    return withUnlockedSeeds(
      {
        ...node,
        id,
        position: { ...node.position, ...shift(node.position) },
        params: { ...node.params, ...Object.fromEntries(values) },
        mode: instance.mode === "active" ? node.mode : instance.mode,
      },
      [...new Set([...unlockedSeeds(node), ...seeds])],
    );
  });

  const into = graph.links.filter(({ to }) => to.node === nodeId);
  const outOf = graph.links.filter(({ from }) => from.node === nodeId);
  const links: WorkflowLink[] = [];
  const connect = (from: WorkflowLink["from"], to: WorkflowLink["to"]) => {
    const id = freshLinkId(taken.links);
    taken.links.add(id);
    links.push({ id, from, to });
  };
  /** Where a link inside really comes from. */
  const sourceOf = (from: WorkflowLink["from"]) => {
    if (entrances.has(from.node)) return into.find(({ to }) => to.port === from.port)?.from;
    const node = renamed.get(from.node);
    return node === undefined ? undefined : { ...from, node };
  };
  for (const link of subgraph.links) {
    const from = sourceOf(link.from);
    const node = renamed.get(link.to.node);
    if (from && node !== undefined) connect(from, { ...link.to, node });
  }
  for (const link of outOf) {
    const last = subgraph.links.find(({ to }) => exits.has(to.node) && to.port === link.from.port);
    const from = last && sourceOf(last.from);
    if (from && from.node !== nodeId) connect(from, link.to);
  }
  for (const link of into) {
    const param = subgraph.params.find(({ name }) => name === link.to.port);
    const isSocket = subgraph.inputs.some(({ name }) => name === link.to.port);
    const node = param && renamed.get(param.node);
    if (param && !isSocket && node !== undefined) connect(link.from, { node, port: param.param });
  }
  const frameIds = new Set(graph.frames?.map(({ id }) => id));
  const frames = (subgraph.frames ?? []).map((frame) => {
    const id = freshFrameId(frameIds);
    frameIds.add(id);
    return { ...frame, id, position: { ...frame.position, ...shift(frame.position) } };
  });
  const gone = new Set([...into, ...outOf]);
  const patches: Patch[] = [
    ...removed(graph.links, "links", (link) => gone.has(link)),
    ...removed(graph.nodes, "nodes", ({ id }) => id === nodeId),
    ...nodes.map((after, at): Patch => ({ collection: "nodes", index: graph.nodes.length - 1 + at, after })),
    ...links.map((after, at): Patch => ({ collection: "links", index: graph.links.length - gone.size + at, after })),
    ...frames.map(
      (after, at): Patch => ({
        ...{ collection: "frames", index: (graph.frames?.length ?? 0) + at, after },
        ...(at === 0 && graph.frames === undefined ? { creates: true } : {}),
      }),
    ),
  ];
  if (isRoot) patches.push(...unpackedForm(graph, instance, subgraph, renamed));
  return { patches, nodeIds: nodes.map(({ id }) => id) };
}

/** @param renamed the ids that nodes inside have outside, by those that they had */
function unpackedForm(
  graph: WorkflowDocument,
  instance: WorkflowNode,
  subgraph: Subgraph,
  renamed: ReadonlyMap<string, string>,
): Patch[] {
  const setBy = (name: string) => {
    const param = subgraph.params.find((own) => own.name === name);
    const node = param && renamed.get(param.node);
    return param && node !== undefined ? { node, param: param.param, label: param.label } : undefined;
  };
  const isShown = graph.exposed?.some(({ node, param }) => node === instance.id && setBy(param) !== undefined);
  const exposed = graph.exposed?.map((entry): ExposedParam => {
    const place = entry.node === instance.id ? setBy(entry.param) : undefined;
    if (!place) return entry;
    const { node, param } = place;
    const { name = `${entry.node}.${entry.param}`, label = place.label, ...rest } = entry;
    return {
      ...rest,
      node,
      param,
      ...(label === undefined ? {} : { label }),
      ...(name === `${node}.${param}` ? {} : { name }),
    };
  });
  const sweep = movedSweep(graph, ({ node, param }) => {
    if (node === instance.id) {
      const place = setBy(param);
      return place && { node: place.node, param: place.param };
    }
    const [first, inner = "", ...rest] = node.split(PATH_SEPARATOR);
    const own = first === instance.id ? renamed.get(inner) : undefined;
    return own === undefined ? undefined : { node: [own, ...rest].join(PATH_SEPARATOR), param };
  });
  return changedMeta(graph, { ...(isShown && exposed ? { exposed } : {}), ...(sweep ? { sweep } : {}) });
}

/**
 * Gives a subgraph other sockets, params or words. Sockets and params that are gone take their links with them, inside and
 * at every node that stands for it. The patches are for the whole document.
 */
export function changeInterface(
  document: WorkflowDocument,
  subgraphId: string,
  change: Partial<Pick<SubgraphMeta, "title" | "description" | "inputs" | "outputs" | "params">>,
): Patch[] {
  const subgraph = document.subgraphs?.find(({ id }) => id === subgraphId);
  if (!subgraph) return [];
  const before = interfaceOf(subgraph);
  const after = { ...before, ...change } as SubgraphMeta;
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const inputs = new Set(after.inputs.map(({ name }) => name));
  const outputs = new Set(after.outputs.map(({ name }) => name));
  const enters = new Set([...inputs, ...after.params.map(({ name }) => name)]);
  const typeOf = new Map(subgraph.nodes.map(({ id, type }) => [id, type]));
  const patches: Patch[] = removed(
    subgraph.links,
    "links",
    ({ from, to }) =>
      (typeOf.get(from.node) === INPUT_NODE && !inputs.has(from.port)) ||
      (typeOf.get(to.node) === OUTPUT_NODE && !outputs.has(to.port)),
    subgraphId,
  );
  const graphs = [
    { scope: undefined, graph: document },
    ...(document.subgraphs ?? []).map((one) => ({ scope: one.id, graph: one })),
  ];
  for (const { scope, graph } of graphs) {
    const standing = new Set(graph.nodes.filter((node) => subgraphIdOf(node) === subgraphId).map(({ id }) => id));
    patches.push(
      ...removed(
        graph.links,
        "links",
        ({ from, to }) =>
          (standing.has(from.node) && !outputs.has(from.port)) || (standing.has(to.node) && !enters.has(to.port)),
        scope,
      ),
    );
  }
  return [...patches, { collection: "interface", scope: subgraphId, before, after }];
}

/** Brings subgraphs from elsewhere along: those that are here already stay as they are, others get an id of their own. */
export function addSubgraphs(
  document: WorkflowDocument,
  added: readonly Subgraph[],
): { patches: SubgraphPatch[]; ids: ReadonlyMap<string, string> } {
  const here = new Map(document.subgraphs?.map((subgraph) => [subgraph.id, subgraph]));
  const isHere = (subgraph: Subgraph) => {
    const own = here.get(subgraph.id);
    return own !== undefined && withoutView(own) === withoutView(subgraph);
  };
  // One that uses another one that is new is itself another one.
  const same = new Set(added.filter(isHere).map(({ id }) => id));
  for (let changed = true; changed; ) {
    changed = false;
    for (const subgraph of added) {
      const needsNew = subgraph.nodes.some((node) => {
        const id = subgraphIdOf(node);
        return id !== undefined && added.some((one) => one.id === id) && !same.has(id);
      });
      if (needsNew && same.delete(subgraph.id)) changed = true;
    }
  }
  const taken = new Set(here.keys());
  const ids = new Map<string, string>();
  for (const { id } of added) {
    const own = same.has(id) ? id : freshId(id, taken);
    taken.add(own);
    ids.set(id, own);
  }
  const fresh = added.filter(({ id }) => !same.has(id));
  const patches = fresh.map(
    (subgraph, at): SubgraphPatch => ({
      collection: "subgraphs",
      index: (document.subgraphs?.length ?? 0) + at,
      after: { ...subgraph, id: ids.get(subgraph.id)!, nodes: subgraph.nodes.map((node) => renamedType(node, ids)) },
      ...(at === 0 && document.subgraphs === undefined ? { creates: true } : {}),
    }),
  );
  return { patches, ids };
}

/** A node that stands for a subgraph, under the id that the subgraph has now. */
export function renamedType(node: WorkflowNode, ids: ReadonlyMap<string, string>): WorkflowNode {
  const id = ids.get(subgraphIdOf(node) ?? "");
  return id === undefined || instanceType(id) === node.type ? node : { ...node, type: instanceType(id) };
}

/**
 * @throws HeddleError `subgraph-recursive` when one of the nodes stands for, or holds, a subgraph that they would be put into
 */
export function refuseRecursion(
  subgraphs: readonly Subgraph[],
  nodes: readonly WorkflowNode[],
  inside: readonly Subgraph[],
): void {
  for (const node of nodes) {
    const id = subgraphIdOf(node);
    const holder = id === undefined ? undefined : inside.find((outer) => holdsSubgraph(subgraphs, id, outer.id));
    if (!holder) continue;
    throw new HeddleError({
      code: "subgraph-recursive",
      message: `A node for the subgraph "${holder.title}" cannot be put into that subgraph: it would never end.`,
      help: "Put it beside it, or unpack it here.",
      details: { title: holder.title },
    });
  }
}

/** Takes away the subgraphs that nothing stands for any more, of those that were used before a change. */
export function withoutUnused(before: WorkflowDocument, after: WorkflowDocument): Patch[] {
  const wasUsed = subgraphsUsedIn(before.nodes, before.subgraphs ?? []);
  const isUsed = subgraphsUsedIn(after.nodes, after.subgraphs ?? []);
  return (after.subgraphs ?? [])
    .flatMap((subgraph, index): Patch[] =>
      wasUsed.has(subgraph.id) && !isUsed.has(subgraph.id)
        ? [{ collection: "subgraphs", index, before: subgraph }]
        : [],
    )
    .toReversed();
}

function addedSubgraph({ subgraphs }: WorkflowDocument, after: Subgraph): SubgraphPatch {
  const creates = subgraphs === undefined ? { creates: true } : {};
  return { collection: "subgraphs", index: subgraphs?.length ?? 0, after, ...creates };
}

/** Removals from the end, so that each index is right when its turn comes. */
function removed<T extends { id: string }>(
  list: readonly T[],
  collection: EntityPatch["collection"],
  isGone: (entity: T) => boolean,
  scope?: string,
): Patch[] {
  return list
    .flatMap((before, index) =>
      isGone(before)
        ? [{ collection, index, before, ...(scope === undefined ? {} : { scope }) } as unknown as Patch]
        : [],
    )
    .toReversed();
}

/** What a subgraph is, as text: the order of its fields, which a journey through the clipboard changes, does not count. */
function withoutView({ view: _view, ...rest }: Subgraph): string {
  return JSON.stringify(rest, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

function slug(title: string): string {
  const words = title
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}]+/gu, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 60);
  return words || "subgraph";
}
