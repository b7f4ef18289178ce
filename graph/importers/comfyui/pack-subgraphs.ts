import type { DefinitionLookup } from "../../definition.ts";
import type {
  JsonValue,
  PortReference,
  Subgraph,
  SubgraphParam,
  SubgraphPort,
  WorkflowDocument,
  WorkflowFrame,
  WorkflowLink,
  WorkflowNode,
} from "../../document.ts";
import { findInput } from "../../linkable-params.ts";
import { INPUT_NODE, instanceType, OUTPUT_NODE, PATH_SEPARATOR } from "../../subgraphs/boundary.ts";
import { columnLayout } from "../column-layout.ts";
import { Names } from "../names.ts";
import type { ComfyFrame, ComfyNode, SubgraphInfo } from "./graph.ts";
import type { Crossing } from "./resolve.ts";

/** A node of the document with the subgraph's instance that it stands in ("" for none) and whether the file places it. */
export interface ScopedNode {
  node: WorkflowNode;
  scope: string;
  isPlaced: boolean;
  /** What it is when what it stands in is muted or bypassed. */
  modeInside: WorkflowNode["mode"];
}

export interface ScopedLink {
  from: PortReference;
  to: PortReference;
  /** Boundaries that the link passes. */
  crossings: readonly Crossing[];
}

/** A socket or setting on the outside of an instance, as the file lists them, and what it is inside. */
export interface Promoted {
  name: string;
  label?: string;
  target: PortReference;
}

export interface FlatImport {
  nodes: readonly ScopedNode[];
  links: readonly ScopedLink[];
  frames: readonly ComfyFrame[];
  /** By the id of each instance, in the order of the file: outer ones before those inside. */
  instances: ReadonlyMap<string, SubgraphInfo & { readonly instance: ComfyNode }>;
  /** What an instance shows: inputs and settings that lead to something inside, in order. */
  promotedInputs(instance: string): readonly Promoted[];
  /** The outputs of an instance whose value comes from inside. */
  promotedOutputs(instance: string): readonly Promoted[];
}

export interface PackedImport extends Pick<WorkflowDocument, "nodes" | "links" | "frames" | "subgraphs"> {
  /** Where a node is now: `57/3`. */
  pathOf(nodeId: string): string;
}

/** As many as the document's schema takes. */
const MOST_SUBGRAPHS = 1_000;
const MOST_SOCKETS = 500;
const BOUNDARY_GAP = 120;
const BOUNDARY_WIDTH = 180;
const CARD_WIDTH = 288;

/**
 * Puts nodes that came out of subgraphs back into subgraphs of the document. Links that cross an edge become sockets, links
 * into settings the subgraph's params. Instances whose insides are the same share one subgraph.
 */
export function packSubgraphs(flat: FlatImport, definitions: DefinitionLookup): PackedImport {
  const packed = new Packing(flat, definitions).result();
  if (packed) return packed;
  const opened = flat.nodes.map((entry) => ({
    ...entry,
    node: { ...entry.node, mode: entry.modeInside },
    scope: "",
  }));
  return new Packing({ ...flat, nodes: opened, instances: new Map() }, definitions).result()!;
}

interface Socket extends SubgraphPort {
  /** What feeds it: outside for an input (nothing yet where it has no link), inside for an output. */
  source: PortReference | undefined;
  /** As the file names it. */
  declared: string | undefined;
}

/** One graph on the way: the document itself, or the inside of an instance. */
interface Level {
  nodes: WorkflowNode[];
  links: { from: PortReference; to: PortReference }[];
  frames: WorkflowFrame[];
  inputs: Socket[];
  outputs: Socket[];
  params: SubgraphParam[];
  /** Names of inputs and params, which links tell apart by nothing else. */
  namesIn: Names;
  namesOut: Names;
  ids: Names;
  hasPlaces: boolean;
}

const same = (a: PortReference | undefined, b: PortReference) =>
  a !== undefined && a.node === b.node && a.port === b.port;

class Packing {
  readonly #flat: FlatImport;
  readonly #definitions: DefinitionLookup;
  readonly #levels = new Map<string, Level>();
  /** Ids within their level: of nodes, and of the nodes that stand for instances. */
  readonly #localIds = new Map<string, string>();
  readonly #standIns = new Map<string, string>();
  readonly #scopes = new Map<string, string>();
  readonly #byId = new Map<string, WorkflowNode>();
  readonly #boundaries = new Map<string, { input: string; output: string }>();
  /** By what makes them the same. */
  readonly #made = new Map<string, Subgraph>();
  readonly #subgraphIds = new Names();
  #isTooLarge = false;

  constructor(flat: FlatImport, definitions: DefinitionLookup) {
    this.#flat = flat;
    this.#definitions = definitions;
  }

  /** `undefined` when there are more subgraphs, or more on the outside of one, than a document takes. */
  result(): PackedImport | undefined {
    const { nodes, links, frames, instances } = this.#flat;
    for (const { node, scope, isPlaced } of nodes) {
      this.#byId.set(node.id, node);
      this.#scopes.set(node.id, scope);
      const level = this.#level(scope);
      level.hasPlaces ||= isPlaced;
      level.nodes.push({ ...node, id: this.#localId(node.id, scope) });
    }
    // The levels around a level are there, too.
    for (const scope of [...this.#levels.keys()]) for (const outer of this.#chain(scope)) this.#level(outer);
    for (const id of instances.keys()) {
      const outer = this.#outerOf(id);
      if (this.#levels.has(id)) this.#standIns.set(id, this.#freeId(id, outer));
    }
    for (const id of this.#levels.keys()) {
      const { ids } = this.#level(id);
      if (id !== "") this.#boundaries.set(id, { input: ids.take("inputs"), output: ids.take("outputs") });
    }
    for (const link of links) {
      this.#connect(link);
      if (this.#isTooLarge) return undefined;
    }
    const depths = new Map([...instances.keys()].map((id) => [id, this.#chain(id).length]));
    const inward = [...instances.keys()]
      .filter((id) => this.#levels.has(id))
      .sort((a, b) => depths.get(b)! - depths.get(a)!);
    for (const id of inward) {
      this.#promote(id);
      if (this.#isTooLarge) return undefined;
    }
    for (const id of inward) this.#close(id);
    for (const [index, { scope, ...frame }] of frames.entries()) {
      this.#levels.get(this.#levels.has(scope) ? scope : "")?.frames.push({ id: `frame-${index + 1}`, ...frame });
    }
    for (const id of inward) this.#makeSubgraph(id);
    if (this.#made.size > MOST_SUBGRAPHS) return undefined;
    const root = this.#level("");
    return {
      nodes: this.#placed(root),
      links: withIds(root.links),
      ...(root.frames.length > 0 ? { frames: root.frames.slice(0, 5_000) } : {}),
      subgraphs: [...this.#made.values()],
      pathOf: (nodeId) => {
        const scopes = this.#chain(this.#scopes.get(nodeId) ?? "").slice(0, -1);
        const outside = scopes.reverse().map((id) => this.#standIn(id));
        return [...outside, this.#localIds.get(nodeId) ?? nodeId].join(PATH_SEPARATOR);
      },
    };
  }

  #level(scope: string): Level {
    const known = this.#levels.get(scope);
    if (known) return known;
    const empty = { nodes: [], links: [], frames: [], inputs: [], outputs: [], params: [] };
    const sets = { namesIn: new Names(), namesOut: new Names(), ids: new Names() };
    const level: Level = { ...empty, ...sets, hasPlaces: false };
    this.#levels.set(scope, level);
    return level;
  }

  #outerOf(instance: string): string {
    const scope = this.#flat.instances.get(instance)?.instance.scope ?? "";
    return this.#flat.instances.has(scope) ? scope : "";
  }

  /** A level and those around it, up to the document itself. */
  #chain(scope: string): string[] {
    const chain = [scope];
    for (let at = scope; at !== ""; chain.push(at)) at = this.#outerOf(at);
    return chain;
  }

  #localId(id: string, scope: string): string {
    const known = this.#localIds.get(id);
    if (known !== undefined) return known;
    const local = this.#freeId(id, scope);
    this.#localIds.set(id, local);
    return local;
  }

  /** An id that nothing in the level has, without the names of what is around it. */
  #freeId(id: string, scope: string): string {
    const stem = scope !== "" && id.startsWith(`${scope}:`) ? id.slice(scope.length + 1) : id;
    return this.#level(scope).ids.take(stem === "" ? "node" : stem.slice(0, 180));
  }

  /** The node of an instance, seen from the level around it. */
  #standIn(instance: string): string {
    return this.#standIns.get(instance) ?? instance;
  }

  #connect({ from, to, crossings }: ScopedLink): void {
    const inner = this.#chain(this.#scopes.get(to.node) ?? "");
    const outer = this.#chain(this.#scopes.get(from.node) ?? "");
    const common = outer.find((scope) => inner.includes(scope)) ?? "";
    const type = this.#typeOf(from, to);
    const slotOf = (scope: string, side: Crossing["side"]) =>
      crossings.find((crossing) => crossing.instance === scope && crossing.side === side)?.slot;
    let source: PortReference = { node: this.#localIds.get(from.node) ?? from.node, port: from.port };
    for (const scope of outer.slice(0, outer.indexOf(common))) {
      source = this.#leave(scope, source, type, this.#declared(scope, "outputs", slotOf(scope, "out")));
    }
    const way = inner.slice(0, inner.indexOf(common));
    let target: PortReference = { node: this.#localIds.get(to.node) ?? to.node, port: to.port };
    if (this.#isParam(to)) {
      for (const scope of way) {
        const declared = this.#declared(scope, "inputs", slotOf(scope, "in"));
        target = { node: this.#standIn(scope), port: this.#param(scope, target, declared) };
      }
      this.#level(common).links.push({ from: source, to: target });
      return;
    }
    let outside = common;
    for (const scope of way.toReversed()) {
      source = this.#enter(scope, outside, source, type, this.#declared(scope, "inputs", slotOf(scope, "in")));
      outside = scope;
    }
    this.#level(outside).links.push({ from: source, to: target });
  }

  /** The socket of a level that gives `source` out, and where it is from outside. */
  #leave(scope: string, source: PortReference, type: string, declared: Declared | undefined): PortReference {
    const level = this.#level(scope);
    let socket = level.outputs.find((known) => same(known.source, source));
    if (!socket) {
      socket = { ...this.#named(level.namesOut, declared, source.port), type, source, declared: declared?.name };
      level.outputs.push(socket);
      level.links.push({ from: source, to: { node: this.#boundaries.get(scope)!.output, port: socket.name } });
    }
    return { node: this.#standIn(scope), port: socket.name };
  }

  /** The socket of a level that takes `source` of the level around it in, and where it is from inside. */
  #enter(
    scope: string,
    outside: string,
    source: PortReference,
    type: string,
    declared: Declared | undefined,
  ): PortReference {
    const level = this.#level(scope);
    let socket = level.inputs.find((known) => same(known.source, source) && known.declared === declared?.name);
    if (!socket) {
      socket = { ...this.#named(level.namesIn, declared, source.port), type, source, declared: declared?.name };
      level.inputs.push(socket);
      this.#level(outside).links.push({ from: source, to: { node: this.#standIn(scope), port: socket.name } });
    }
    return { node: this.#boundaries.get(scope)!.input, port: socket.name };
  }

  /** The param of a level that stands for one inside. */
  #param(scope: string, target: PortReference, declared: Declared | undefined): string {
    const level = this.#level(scope);
    const known = level.params.find(({ node, param }) => node === target.node && param === target.port);
    if (known) return known.name;
    const param = { ...this.#named(level.namesIn, declared, target.port), node: target.node, param: target.port };
    level.params.push(param);
    return param.name;
  }

  /** A name for one more thing on the outside of a level. */
  #named(taken: Names, declared: Declared | undefined, port: string): { name: string; label?: string } {
    this.#isTooLarge ||= taken.size >= MOST_SOCKETS;
    const name = taken.take((declared?.name ?? port).slice(0, 180));
    return { name, ...(declared?.label === undefined ? {} : { label: declared.label }) };
  }

  #declared(scope: string, side: "inputs" | "outputs", slot: number | undefined): Declared | undefined {
    const info = slot === undefined ? undefined : this.#flat.instances.get(scope);
    const name = info?.[side][slot!];
    const label = info?.labels[side][slot!];
    return name === undefined ? undefined : { name, ...(label === undefined ? {} : { label }) };
  }

  /** Sockets and params that lead inside and have no link outside. */
  #promote(id: string): void {
    for (const { target, ...declared } of this.#flat.promotedInputs(id).slice(0, 2 * MOST_SOCKETS)) {
      const inner = this.#chain(this.#scopes.get(target.node) ?? "");
      const way = inner.slice(0, inner.indexOf(id) + 1);
      if (!inner.includes(id)) continue;
      let at: PortReference = { node: this.#localIds.get(target.node) ?? target.node, port: target.port };
      const isParam = this.#isParam(target);
      for (const scope of way) {
        const level = this.#level(scope);
        const boundary = this.#boundaries.get(scope)!.input;
        const link = level.links.find(({ to }) => same(to, at));
        if (link && link.from.node !== boundary) break;
        if (isParam) at = { node: this.#standIn(scope), port: this.#param(scope, at, declared) };
        else if (link) at = { node: this.#standIn(scope), port: link.from.port };
        else {
          const named = this.#named(level.namesIn, declared, at.port);
          const type = this.#typeOf(undefined, target);
          level.inputs.push({ ...named, type, source: undefined, declared: declared.name });
          level.links.push({ from: { node: boundary, port: named.name }, to: at });
          at = { node: this.#standIn(scope), port: named.name };
        }
      }
    }
    for (const { target, ...declared } of this.#flat.promotedOutputs(id)) {
      const outer = this.#chain(this.#scopes.get(target.node) ?? "");
      if (!outer.includes(id)) continue;
      let source: PortReference = { node: this.#localIds.get(target.node) ?? target.node, port: target.port };
      for (const scope of outer.slice(0, outer.indexOf(id) + 1)) {
        source = this.#leave(scope, source, this.#typeOf(target, undefined), scope === id ? declared : undefined);
      }
    }
    this.#sort(id);
  }

  /** Sockets in the order of the file; what it does not list comes last. */
  #sort(id: string): void {
    const info = this.#flat.instances.get(id);
    const level = this.#level(id);
    for (const side of ["inputs", "outputs"] as const) {
      const places = new Map(info?.[side].map((name, place) => [name, place]));
      const placeOf = (socket: Socket) => places.get(socket.declared ?? "") ?? Number.MAX_SAFE_INTEGER;
      level[side].sort((a, b) => placeOf(a) - placeOf(b));
    }
  }

  /** Puts the node that stands for an instance into the level around it. */
  #close(id: string): void {
    const { instance } = this.#flat.instances.get(id)!;
    const outer = this.#level(this.#outerOf(id));
    outer.hasPlaces ||= instance.position !== undefined;
    outer.nodes.push({
      id: this.#standIn(id),
      type: instanceType(id),
      typeVersion: 1,
      ...(instance.title === undefined ? {} : { title: instance.title }),
      position: instance.position ?? { x: 0, y: 0 },
      params: this.#values(id),
      mode: instance.ownMode,
      ...(instance.collapsed ? { collapsed: true } : {}),
      comfyui: { id },
    });
  }

  /** What the params of an instance have inside at present. */
  #values(id: string): Record<string, JsonValue> {
    const { nodes, params } = this.#level(id);
    const byId = new Map(nodes.map((node) => [node.id, node]));
    return Object.fromEntries(
      params.flatMap(({ name, node, param }) => {
        const values = byId.get(node)?.params ?? {};
        return Object.hasOwn(values, param) ? [[name, values[param]!] as const] : [];
      }),
    );
  }

  #makeSubgraph(id: string): void {
    const level = this.#level(id);
    const { name, instance } = this.#flat.instances.get(id)!;
    const { input, output } = this.#boundaries.get(id)!;
    const nodes = this.#placed(level);
    const left = Math.min(...nodes.map(({ position }) => position.x));
    const top = Math.min(...nodes.map(({ position }) => position.y));
    const right = Math.max(...nodes.map(({ position, size }) => position.x + (size?.width ?? CARD_WIDTH)));
    const boundary = (nodeId: string, type: string, x: number): WorkflowNode => ({
      ...{ id: nodeId, type, typeVersion: 1, params: {}, mode: "active" as const },
      position: { x, y: top },
    });
    const inside: Inside = {
      title: name,
      inputs: level.inputs.map(plainPort),
      outputs: level.outputs.map(plainPort),
      params: level.params,
      nodes: [
        boundary(input, INPUT_NODE, left - BOUNDARY_GAP - BOUNDARY_WIDTH),
        ...nodes,
        boundary(output, OUTPUT_NODE, right + BOUNDARY_GAP),
      ],
      links: withIds(level.links),
      ...(level.frames.length > 0 ? { frames: level.frames } : {}),
    };
    const essence = essenceOf(inside);
    // The file's own id, by which libraries tell subgraphs apart.
    const subgraph = this.#made.get(essence) ?? { ...inside, id: this.#subgraphIds.take(instance.type.slice(0, 100)) };
    this.#made.set(essence, subgraph);
    const outer = this.#level(this.#outerOf(id));
    outer.nodes = outer.nodes.map((node) =>
      node.type === instanceType(id) ? { ...node, type: instanceType(subgraph.id) } : node,
    );
  }

  /** Where the file has its nodes, or else in columns. */
  #placed({ nodes, links, hasPlaces }: Level): WorkflowNode[] {
    return hasPlaces ? nodes : columnLayout(nodes, withIds(links));
  }

  /** Whether a link there takes the place of a setting. */
  #isParam({ node, port }: PortReference): boolean {
    const definition = this.#definitions(this.#byId.get(node)?.type ?? "");
    return definition?.params.some(({ name }) => name === port) === true;
  }

  #typeOf(from: PortReference | undefined, to: PortReference | undefined): string {
    const definitionOf = ({ node }: PortReference) => this.#definitions(this.#byId.get(node)?.type ?? "");
    const source = from && definitionOf(from)?.outputs.find(({ name }) => name === from.port)?.type;
    const target = to && definitionOf(to);
    const taken = target && findInput(target, to.port)?.type;
    return (source === "any" ? undefined : source) ?? taken ?? "any";
  }
}

type Inside = Pick<Subgraph, "title" | "inputs" | "outputs" | "params" | "nodes" | "links" | "frames">;

interface Declared {
  name: string;
  label?: string;
}

const plainPort = ({ name, label, type }: Socket): SubgraphPort => ({
  name,
  ...(label === undefined ? {} : { label }),
  type,
});

/** What makes two subgraphs the same: all but what their params set, and what is only kept. */
function essenceOf({ title, inputs, outputs, params, nodes, links, frames }: Inside): string {
  const promoted = new Set(params.map(({ node, param }) => JSON.stringify([node, param])));
  const own = nodes.map(({ id, params: values, comfyui: _kept, ...node }) => ({
    ...node,
    id,
    params: Object.entries(values).filter(([name]) => !promoted.has(JSON.stringify([id, name]))),
  }));
  return JSON.stringify([title, inputs, outputs, params, own, links, frames?.map(({ id: _id, ...frame }) => frame)]);
}

function withIds(links: Level["links"]): WorkflowLink[] {
  return links.map(({ from, to }, index) => {
    const id = `${from.node}.${from.port}-${to.node}.${to.port}`;
    return { id: id.length <= 200 ? id : `link-${index + 1}`, from, to };
  });
}
