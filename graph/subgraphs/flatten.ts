import type { DefinitionLookup } from "../definition.ts";
import type { JsonValue, PortReference, Subgraph, WorkflowDocument, WorkflowLink, WorkflowNode } from "../document.ts";
import type { Problem } from "../problems.ts";
import { INPUT_NODE, isBoundary, OUTPUT_NODE, PATH_SEPARATOR, subgraphIdOf } from "./boundary.ts";

/** As many as a document may have: nested subgraphs multiply. */
const MOST_NODES = 20_000;
const DEEPEST = 64;

export interface FlatWorkflow {
  /** The same work without subgraphs: a node inside has the path to it as its id, `detailer/sampler`. */
  readonly document: WorkflowDocument;
  /** Subgraphs that cannot be opened out: missing, inside themselves, or too many. Always errors. */
  readonly problems: readonly Problem[];
  /** By the path of each opened subgraph: the nodes inside that its outputs come from. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
}

/**
 * Opens the subgraphs of a workflow out. Muted and bypassed ones stay as they are: nothing inside runs, and what passes a
 * bypassed one passes it as any node. The same results as of nodes that were never in a subgraph: content keys do not count ids.
 */
export function flattenWorkflow(document: WorkflowDocument): FlatWorkflow {
  if (!document.nodes.some((node) => subgraphIdOf(node) !== undefined)) {
    return { document, problems: [], sources: new Map() };
  }
  return new Flattening(document).result();
}

/** What a run of `targets` runs in the flat workflow: for a subgraph, what its outputs come from and what it shows or saves. */
export function flatTargets(
  flat: FlatWorkflow,
  definitions: DefinitionLookup,
  targets: readonly string[] | undefined,
): string[] | undefined {
  return targets?.flatMap((target) => {
    const sources = flat.sources.get(target);
    if (!sources) return [target];
    const inside = flat.document.nodes.filter(({ id }) => id.startsWith(target + PATH_SEPARATOR));
    const shown = inside.filter(({ type, mode }) => mode === "active" && definitions(type)?.isOutput);
    return [...new Set([...sources, ...shown.map(({ id }) => id)])];
  });
}

/** One graph on the way down: the workflow itself, or one use of a subgraph. */
interface Scope {
  readonly nodes: ReadonlyMap<string, WorkflowNode>;
  readonly links: readonly WorkflowLink[];
  readonly linksInto: ReadonlyMap<string, WorkflowLink>;
  /** Stands before the ids of its nodes. */
  readonly prefix: string;
  readonly subgraph: Subgraph | undefined;
  readonly outer: { readonly scope: Scope; readonly instance: string } | undefined;
  readonly depth: number;
  /** Uses of subgraphs in this graph, by the id of their node. */
  readonly inner: Map<string, Scope>;
}

const inputKey = (node: string, port: string) => JSON.stringify([node, port]);

class Flattening {
  readonly #document: WorkflowDocument;
  readonly #subgraphs: ReadonlyMap<string, Subgraph>;
  readonly #nodes: WorkflowNode[] = [];
  readonly #links: WorkflowLink[] = [];
  readonly #problems: Problem[] = [];
  readonly #sources = new Map<string, string[]>();
  /** Uses of subgraphs that were opened: those with no node of their own multiply as well. */
  #opened = 0;
  #tooMany = false;

  constructor(document: WorkflowDocument) {
    this.#document = document;
    this.#subgraphs = new Map(document.subgraphs?.map((subgraph) => [subgraph.id, subgraph]));
  }

  result(): FlatWorkflow {
    const { nodes, links } = this.#document;
    const root = this.#open({ nodes, links }, undefined, undefined, new Map());
    // What is too large does not run: its links need not be followed.
    if (!this.#tooMany) this.#connect(root);
    return {
      document: { ...this.#document, nodes: this.#nodes, links: this.#links },
      problems: this.#problems,
      sources: this.#sources,
    };
  }

  #open(
    { nodes, links }: Pick<Subgraph, "nodes" | "links">,
    subgraph: Subgraph | undefined,
    outer: Scope["outer"],
    values: ReadonlyMap<string, Record<string, JsonValue>>,
  ): Scope {
    const prefix = outer ? outer.scope.prefix + outer.instance + PATH_SEPARATOR : "";
    const scope: Scope = {
      nodes: new Map(nodes.map((node) => [node.id, node])),
      links,
      linksInto: new Map(links.toReversed().map((link) => [inputKey(link.to.node, link.to.port), link])),
      prefix,
      subgraph,
      outer,
      depth: (outer?.scope.depth ?? 0) + 1,
      inner: new Map(),
    };
    for (const node of nodes) {
      if (subgraph && isBoundary(node)) continue;
      const own = values.get(node.id);
      const params = own ? { ...node.params, ...own } : node.params;
      const used = node.mode === "active" ? this.#usedBy(node, scope) : undefined;
      if (used) {
        const inside = { scope, instance: node.id };
        scope.inner.set(node.id, this.#open(used, used, inside, valuesInside(used, params)));
      } else if (this.#nodes.length < MOST_NODES) {
        this.#nodes.push({ ...node, id: prefix + node.id, params });
      } else {
        this.#tellTooMany();
      }
    }
    return scope;
  }

  /** The subgraph to open for a node; `undefined` for other nodes, and where it cannot be opened, which is told. */
  #usedBy(node: WorkflowNode, scope: Scope): Subgraph | undefined {
    const id = subgraphIdOf(node);
    if (id === undefined) return undefined;
    const nodeId = scope.prefix + node.id;
    const subgraph = this.#subgraphs.get(id);
    if (!subgraph) {
      this.#problems.push({
        code: "subgraph-missing",
        severity: "error",
        message: `"${node.title ?? node.id}" stands for the subgraph "${id}", which this workflow does not have.`,
        help: "Delete the node, or open the workflow that it came from and copy it again.",
        nodeId,
        details: { title: node.title ?? node.id, id },
      });
      return undefined;
    }
    for (let at: Scope | undefined = scope; at; at = at.outer?.scope) {
      if (at.subgraph !== subgraph) continue;
      this.#problems.push({
        code: "subgraph-recursive",
        severity: "error",
        message: `The subgraph "${subgraph.title}" contains itself, so it would never end.`,
        help: "Delete the node for it inside.",
        nodeId,
        details: { cause: "itself", title: subgraph.title },
      });
      return undefined;
    }
    if (scope.depth < DEEPEST && this.#opened < MOST_NODES && !this.#tooMany) {
      this.#opened += 1;
      return subgraph;
    }
    this.#tellTooMany();
    return undefined;
  }

  #tellTooMany(): void {
    if (this.#tooMany) return;
    this.#tooMany = true;
    this.#problems.push({
      code: "subgraph-too-large",
      severity: "error",
      message: `With all subgraphs opened out this workflow has more than ${MOST_NODES} nodes, or they are nested more than ${DEEPEST} deep.`,
      help: "Use fewer subgraphs inside subgraphs.",
      details: { nodes: MOST_NODES, levels: DEEPEST },
    });
  }

  #connect(scope: Scope): void {
    for (const link of scope.links) {
      const to = this.#target(scope, link.to);
      const from = to && this.#source(scope, link.from, new Set());
      if (from) this.#links.push({ ...link, id: scope.prefix + link.id, from, to });
    }
    for (const [id, inner] of scope.inner) {
      this.#connect(inner);
      const outputs = [...inner.nodes.values()].filter(({ type }) => type === OUTPUT_NODE);
      const sources = inner.links
        .filter(({ to }) => outputs.some((output) => output.id === to.node))
        .flatMap((link) => this.#source(inner, link.from, new Set())?.node ?? []);
      this.#sources.set(scope.prefix + id, [...new Set(sources)]);
    }
  }

  /** What a link really enters; `undefined` for one that ends at a boundary, which is followed from its other side. */
  #target(scope: Scope, to: PortReference): PortReference | undefined {
    const inner = scope.inner.get(to.node);
    if (!inner) {
      const node = scope.nodes.get(to.node);
      return scope.subgraph && node && isBoundary(node) ? undefined : { ...to, node: scope.prefix + to.node };
    }
    if (inner.subgraph?.inputs.some(({ name }) => name === to.port)) return undefined;
    const param = inner.subgraph?.params.find(({ name }) => name === to.port);
    if (param) return this.#target(inner, { node: param.node, port: param.param });
    this.#problems.push({
      code: "link-to-missing-port",
      severity: "error",
      message: `A link goes to the input "${to.port}" of the subgraph "${inner.subgraph?.title}", which has no such input.`,
      help: "Delete the link.",
      nodeId: scope.prefix + to.node,
      field: to.port,
      details: { cause: "no-inputs", nodeName: inner.subgraph?.title ?? to.node, port: to.port },
    });
    return undefined;
  }

  /** Where a link's value really comes from; `undefined` where nothing is linked on the other side of a boundary. */
  #source(scope: Scope, from: PortReference, seen: Set<string>): PortReference | undefined {
    const key = scope.prefix + inputKey(from.node, from.port);
    // A loop of links that goes through subgraphs only.
    if (seen.has(key)) return undefined;
    seen.add(key);
    const inner = scope.inner.get(from.node);
    if (inner) {
      const output = [...inner.nodes.values()].find(({ type }) => type === OUTPUT_NODE);
      const link = output && inner.linksInto.get(inputKey(output.id, from.port));
      return link && this.#source(inner, link.from, seen);
    }
    const { outer } = scope;
    if (outer && scope.nodes.get(from.node)?.type === INPUT_NODE) {
      const link = outer.scope.linksInto.get(inputKey(outer.instance, from.port));
      return link && this.#source(outer.scope, link.from, seen);
    }
    return { ...from, node: scope.prefix + from.node };
  }
}

/** What the params of one use set inside, by node. */
function valuesInside(
  { params }: Subgraph,
  set: Readonly<Record<string, JsonValue>>,
): Map<string, Record<string, JsonValue>> {
  const values = new Map<string, Record<string, JsonValue>>();
  for (const { name, node, param } of params) {
    const value = Object.hasOwn(set, name) ? set[name] : undefined;
    if (value !== undefined) values.set(node, { ...values.get(node), [param]: value });
  }
  return values;
}
