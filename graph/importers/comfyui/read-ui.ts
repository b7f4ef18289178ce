import { HeddleError } from "../../../common/errors.ts";
import type { JsonValue } from "../../document.ts";
import { type Fields, fieldsOf, idOf, indexOf, isFields, objectsOf, textOf } from "../fields.ts";
import { Names } from "../names.ts";
import { boundaryPort, type ComfyFrame, type ComfyGraph, type ComfyNode, override, SUBGRAPH_INPUT } from "./graph.ts";
import { pair, readUiNode } from "./read-node.ts";

const MAX_NODES = 20_000;
const MAX_DEPTH = 32;
/** What to do about what is odd in a file. */
const CHECK = "Check that part of the workflow.";
/** Nodes, links and groups looked at, over all copies of subgraphs: far more than any workflow has. */
const MAX_WORK = 1_000_000;

/** A link as the file has it, ends by slot. */
interface FileLink {
  id: string;
  from: string;
  fromSlot: number;
  to: string;
  toSlot: number;
}

/**
 * Reads the editor's format, 0.4 and 1.0 alike, and opens its subgraphs out, so that links can be followed.
 * @throws HeddleError `workflow-too-large` when subgraphs within subgraphs come to too many nodes
 */
export function readUiGraph(file: Fields): ComfyGraph {
  const { nodes: _nodes, links: _links, groups: _groups, definitions, ...extra } = file;
  const subgraphs = new Map(
    objectsOf(fieldsOf(definitions).subgraphs).flatMap((definition) => {
      const id = idOf(definition.id);
      return id === undefined ? [] : [[id, definition] as const];
    }),
  );
  const graph: ComfyGraph = {
    nodes: new Map(),
    links: [],
    frames: [],
    instances: new Map(),
    extra,
    oddities: [],
  };
  const reader = new UiReader(graph, subgraphs);
  reader.read(file, "", []);
  const unused = [...subgraphs.values()].filter((definition) => !reader.used.has(definition));
  if (unused.length > 0) extra.unusedSubgraphs = unused;
  applyPromoted(graph);
  addEverywhereLinks(graph);
  return graph;
}

class UiReader {
  readonly used = new Set<Fields>();
  readonly #ids = new Names();
  #work = 0;
  readonly #graph: ComfyGraph;
  readonly #subgraphs: ReadonlyMap<string, Fields>;

  constructor(graph: ComfyGraph, subgraphs: ReadonlyMap<string, Fields>) {
    this.#graph = graph;
    this.#subgraphs = subgraphs;
  }

  /** One level: the file itself, or a subgraph in the place of its instance (`path` holds the ids of definitions on the way). */
  read(level: Fields, prefix: string, path: readonly string[]): ComfyNode[] {
    this.#work += [level.nodes, level.links, level.groups].reduce((sum: number, list) => sum + lengthOf(list), 0);
    if (this.#work > MAX_WORK) throw tooLarge();
    const own = this.#readNodes(level, prefix);
    const links = this.#readLinks(level, prefix, own);
    for (const { id, from, fromSlot, to, toSlot } of links) {
      const target = this.#graph.nodes.get(to);
      this.#graph.links.push({
        id,
        from: { node: from, slot: fromSlot },
        to: { node: to, input: target ? inputName(target, toSlot) : boundaryPort(toSlot) },
      });
    }
    for (const group of objectsOf(level.groups)) this.#graph.frames.push(...readFrame(group, prefix.slice(0, -1)));
    const all = [...own];
    for (const instance of own) {
      const definition = this.#subgraphs.get(instance.type);
      if (!definition) continue;
      if (path.includes(instance.type) || path.length >= MAX_DEPTH) {
        const name = nameOf(definition);
        this.#graph.oddities.push({
          code: "import-oddity",
          message: `The subgraph ${name} contains itself; its inner copy was not opened.`,
          help: CHECK,
          details: { cause: "recursive", name },
        });
        continue;
      }
      for (const inner of this.#open(instance, definition, links, path)) all.push(inner);
    }
    return all;
  }

  #readNodes(level: Fields, prefix: string): ComfyNode[] {
    const found: ComfyNode[] = [];
    for (const raw of objectsOf(level.nodes)) {
      let node = readUiNode(raw, prefix);
      if (!node) {
        this.#graph.oddities.push({
          code: "import-oddity",
          message: "A node without an id got one of its own.",
          help: CHECK,
          details: { cause: "no-id" },
        });
        node = readUiNode({ ...raw, id: this.#freeId(`${prefix}no-id`).slice(prefix.length) }, prefix);
      } else if (this.#graph.nodes.has(node.id)) {
        this.#graph.oddities.push({
          code: "import-oddity",
          message: `Two nodes had the id ${node.id}; the second one got another.`,
          help: CHECK,
          details: { cause: "same-id", id: node.id },
        });
        node = readUiNode({ ...raw, id: this.#freeId(node.id).slice(prefix.length) }, prefix);
      }
      if (!node) continue;
      if (this.#graph.nodes.size >= MAX_NODES) throw tooLarge();
      this.#graph.nodes.set(node.id, node);
      found.push(node);
    }
    return found;
  }

  #freeId(base: string): string {
    return this.#ids.take(base, (id) => this.#graph.nodes.has(id));
  }

  /** `links` counts; what the nodes say about their own links is only compared with it (it is stored three times). */
  #readLinks(level: Fields, prefix: string, nodes: readonly ComfyNode[]): FileLink[] {
    const links = linkList(level.links, prefix);
    const known = new Map(links.map((link) => [link.id, link]));
    let differing = 0;
    for (const node of nodes) {
      for (const [slot, input] of objectsOf(node.raw.inputs).entries()) {
        const id = idOf(input.link);
        if (id === undefined) continue;
        const link = known.get(prefix + id);
        if (!link || link.to !== node.id || link.toSlot !== slot) differing++;
      }
    }
    // Files that programs write have the input at fault more often than the list.
    if (differing > 0) {
      this.#graph.oddities.push({
        code: "import-oddity",
        message: `${differing} ${differing === 1 ? "input says" : "inputs say"} another link than the list of links, which counts.`,
        help: CHECK,
        details: { cause: "links", count: differing },
      });
    }
    return links;
  }

  #open(instance: ComfyNode, definition: Fields, links: readonly FileLink[], path: readonly string[]) {
    this.used.add(definition);
    const inputs = objectsOf(definition.inputs).map((input, slot) => textOf(input.name) ?? boundaryPort(slot));
    const outputs = objectsOf(definition.outputs).map((output, slot) => textOf(output.name) ?? boundaryPort(slot));
    const labels = {
      inputs: objectsOf(definition.inputs).map(({ label }) => textOf(label)?.slice(0, 500)),
      outputs: objectsOf(definition.outputs).map(({ label }) => textOf(label)?.slice(0, 500)),
    };
    this.#graph.instances.set(instance.id, { name: nameOf(definition), inputs, outputs, labels });
    const prefix = `${instance.id}:`;
    const inner = this.read(withPromotedValues(instance, definition, inputs, links), prefix, [...path, instance.type]);
    if (instance.mode !== "active") {
      for (const node of inner) node.mode = "muted";
    }
    return inner;
  }
}

/**
 * The definition with the values that its instance shows in place of its own: a promoted input (`["-1", name]`, or a
 * widget of the instance) goes to every widget that the input feeds, `[nodeId, name]` to that widget. Null keeps the
 * inner value.
 */
function withPromotedValues(
  instance: ComfyNode,
  definition: Fields,
  inputs: readonly string[],
  links: readonly FileLink[],
): Fields {
  const overrides = new Map<string, Fields>();
  const setInside = (nodeId: string, widget: string, value: JsonValue) =>
    overrides.set(nodeId, { ...overrides.get(nodeId), [widget]: value });
  const innerNodes = new Map(objectsOf(definition.nodes).map((node) => [idOf(node.id) ?? "", node]));
  const innerLinks = linkList(definition.links, "");
  const linked = new Set(links.filter(({ to }) => to === instance.id).map(({ toSlot }) => inputName(instance, toSlot)));
  for (const [nodeId, name, value] of promotedValues(instance)) {
    if (value === null) continue;
    if (nodeId !== "-1") setInside(nodeId, name, value);
    else if (!linked.has(name)) {
      for (const { from, fromSlot, to, toSlot } of innerLinks) {
        const target = innerNodes.get(to);
        if (from !== SUBGRAPH_INPUT || inputs[fromSlot] !== name || !target) continue;
        const port = objectsOf(target.inputs)[toSlot];
        const widget = textOf(fieldsOf(port?.widget).name) ?? textOf(port?.name);
        if (widget !== undefined) setInside(to, widget, value);
      }
    }
  }
  if (overrides.size === 0) return definition;
  return {
    ...definition,
    nodes: objectsOf(definition.nodes).map((node) => {
      const values = overrides.get(idOf(node.id) ?? "");
      return values ? { ...node, [PROMOTED]: { ...fieldsOf(node[PROMOTED]), ...values } } : node;
    }),
  };
}

/** Where values that an outer instance sets wait in an inner node until it is read. */
const PROMOTED = "heddle:promoted";

/** Values on the outside of an instance: node id ("-1" for the subgraph's own inputs), name, value. */
function promotedValues(instance: ComfyNode): [string, string, JsonValue][] {
  const { widgets_values: values, properties, inputs } = instance.raw;
  const fromOutside = Object.entries(fieldsOf(instance.raw[PROMOTED])).map(
    ([name, value]): [string, string, JsonValue] => ["-1", name, value],
  );
  const proxies = fieldsOf(properties).proxyWidgets;
  const names: [string, string][] = Array.isArray(proxies)
    ? proxies.map((entry) => (Array.isArray(entry) ? [idOf(entry[0]) ?? "", textOf(entry[1]) ?? ""] : ["", ""]))
    : objectsOf(inputs).flatMap((input) => {
        const name = textOf(input.name);
        return isFields(input.widget) && name !== undefined ? [["-1", name] as [string, string]] : [];
      });
  const own = names.flatMap(([nodeId, name], index): [string, string, JsonValue][] => {
    const value = Array.isArray(values) ? values[index] : fieldsOf(values)[name];
    return nodeId === "" || name === "" || value === undefined ? [] : [[nodeId, name, value]];
  });
  // An outer instance names a widget of this one by the name it has here, be it an input's or an inner node's.
  const viaProxy = fromOutside.flatMap(([, name, value]) =>
    names
      .filter(([nodeId, widget]) => widget === name && nodeId !== "-1")
      .map(([nodeId]): [string, string, JsonValue] => [nodeId, name, value]),
  );
  return [...own, ...fromOutside, ...viaProxy];
}

/** Applies the values that wait in a node that has been read. */
function applyPromoted(graph: ComfyGraph): void {
  for (const node of graph.nodes.values()) {
    const promoted = node.raw[PROMOTED];
    if (promoted === undefined) continue;
    delete node.raw[PROMOTED];
    if (graph.instances.has(node.id)) continue;
    for (const [name, value] of Object.entries(fieldsOf(promoted))) override(node, name, value);
  }
}

/** Links as `[id, from, slot, to, slot, type]` or as objects; what has no two ends is left out. */
function linkList(value: JsonValue | undefined, prefix: string): FileLink[] {
  const items = Array.isArray(value) ? value : Object.values(fieldsOf(value));
  return items.flatMap((item, index) => {
    const [id, from, fromSlot, to, toSlot] = Array.isArray(item)
      ? item
      : isFields(item)
        ? [item.id, item.origin_id, item.origin_slot, item.target_id, item.target_slot]
        : [];
    const ends = { from: idOf(from), to: idOf(to) };
    const slots = { from: indexOf(fromSlot), to: indexOf(toSlot) };
    if (ends.from === undefined || ends.to === undefined || slots.from === undefined || slots.to === undefined)
      return [];
    return [
      {
        id: prefix === "" ? (idOf(id) ?? `link-${index}`) : `${prefix}${idOf(id) ?? `link-${index}`}`,
        from: prefix + ends.from,
        fromSlot: slots.from,
        to: prefix + ends.to,
        toSlot: slots.to,
      },
    ];
  });
}

/** A slot that the node does not list gets a name by its number. */
function inputName(node: ComfyNode, slot: number): string {
  return node.inputs[slot]?.name ?? `input-${slot}`;
}

function lengthOf(value: JsonValue | undefined): number {
  return Array.isArray(value) ? value.length : Object.keys(fieldsOf(value)).length;
}

function readFrame(group: Fields, scope: string): ComfyFrame[] {
  const bounding = Array.isArray(group.bounding) ? group.bounding : [];
  const corner = pair(bounding.slice(0, 2));
  const size = pair(bounding.slice(2, 4));
  if (!corner || !size) return [];
  const color = textOf(group.color);
  return [
    {
      scope,
      title: (textOf(group.title) ?? "").slice(0, 500),
      position: { x: corner[0], y: corner[1] },
      size: { width: size[0], height: size[1] },
      ...(color === undefined ? {} : { color: color.slice(0, 50) }),
    },
  ];
}

/** Links that the pack "Use Everywhere" has worked out and written down; inputs with a link of their own keep it. */
function addEverywhereLinks(graph: ComfyGraph): void {
  const entered = new Set(graph.links.map(({ to }) => `${to.node} ${to.input}`));
  for (const [index, link] of objectsOf(fieldsOf(graph.extra.extra).ue_links).entries()) {
    const from = idOf(link.upstream);
    const to = idOf(link.downstream);
    const target = to === undefined ? undefined : graph.nodes.get(to);
    const fromSlot = indexOf(link.upstream_slot);
    const toSlot = indexOf(link.downstream_slot);
    if (from === undefined || !target || !graph.nodes.has(from) || fromSlot === undefined || toSlot === undefined)
      continue;
    const input = inputName(target, toSlot);
    if (entered.has(`${target.id} ${input}`)) continue;
    graph.links.push({
      id: `everywhere-${index}`,
      from: { node: from, slot: fromSlot },
      to: { node: target.id, input },
    });
  }
}

function nameOf(definition: Fields): string {
  return (textOf(definition.name) ?? "without a name").slice(0, 500);
}

function tooLarge(): HeddleError {
  return new HeddleError({
    code: "workflow-too-large",
    message: `The workflow has more than ${MAX_NODES.toLocaleString("en")} nodes once its subgraphs are opened.`,
    help: "Split it into several workflows.",
    details: { cause: "nodes", limit: MAX_NODES.toLocaleString("en") },
  });
}
