import type { JsonValue } from "../../document.ts";
import {
  boundaryPort,
  type ComfyGraph,
  type ComfyLink,
  type ComfyNode,
  SUBGRAPH_INPUT,
  SUBGRAPH_OUTPUT,
} from "./graph.ts";
import { constantOf, constantWidget, isGet, isPassage, isSet, isSwitch } from "./virtual-nodes.ts";

/** Where an input's value really comes from, once all that exists only in the editor is passed through. */
export type Source =
  | { readonly kind: "output"; readonly node: string; readonly slot: number }
  /** A constant; `node` holds it. */
  | { readonly kind: "value"; readonly value: JsonValue; readonly node: string }
  /** Nothing arrives: the way ends at a muted node, at a subgraph's input without a link, or nowhere. */
  | { readonly kind: "nothing" };

/** A boundary of a subgraph on the way to a source: into the instance, or out of it. */
export interface Crossing {
  readonly instance: string;
  readonly side: "in" | "out";
  readonly slot: number;
}

/** Switches behind switches; more than that is no workflow that a person made. */
const MAX_SWITCHES = 200;

const nothing: Source = { kind: "nothing" };

/** Follows links backwards through reroutes, subgraph boundaries, Set and Get nodes, switches and constants. */
export class SourceResolver {
  readonly #graph: ComfyGraph;
  readonly #into = new Map<string, Map<string, ComfyLink>>();
  readonly #switchResults = new Map<string, Source>();
  /** The first Set node of each name, by the instance that it is in ("57:60:"). */
  readonly #setters = new Map<string, Map<string, string>>();
  /** What was found from an output on, and the boundaries behind it. */
  readonly #found = new Map<string, { source: Source; crossings: readonly Crossing[] }>();

  constructor(graph: ComfyGraph) {
    this.#graph = graph;
    for (const link of graph.links) {
      const inputs = this.#into.get(link.to.node) ?? new Map<string, ComfyLink>();
      if (!inputs.has(link.to.input)) inputs.set(link.to.input, link);
      this.#into.set(link.to.node, inputs);
    }
    for (const node of graph.nodes.values()) {
      if (!isSet(node)) continue;
      const setters = this.#setters.get(nameOf(node)) ?? new Map<string, string>();
      const scope = scopeOf(node.id);
      if (!setters.has(scope)) setters.set(scope, node.id);
      this.#setters.set(nameOf(node), setters);
    }
  }

  /** The link that enters an input; of several the first counts. */
  linkInto(node: string, input: string): ComfyLink | undefined {
    return this.#into.get(node)?.get(input);
  }

  linksInto(node: string): ReadonlyMap<string, ComfyLink> {
    return this.#into.get(node) ?? new Map();
  }

  /** `crossings` is told of the boundaries on the way, but for those behind a switch. */
  sourceInto(node: string, input: string, crossings?: Crossing[]): Source {
    const link = this.linkInto(node, input);
    return link ? this.resolve(link.from, 0, crossings) : nothing;
  }

  /** What arrives over a link from that output. */
  resolve(from: ComfyLink["from"], switches = 0, crossings?: Crossing[]): Source {
    const { source, crossings: passed } = this.#follow(from, switches);
    crossings?.push(...passed);
    return source;
  }

  /** Long ways that many nodes share are gone once. */
  #follow(from: ComfyLink["from"], switches: number): { source: Source; crossings: readonly Crossing[] } {
    // By the place along the way: how many boundaries lie before it.
    const way = new Map<string, number>();
    const passed: Crossing[] = [];
    let source: Source = nothing;
    for (let at: ComfyLink["from"] | undefined = from; at; ) {
      const key = `${at.node} ${at.slot}`;
      const known = switches === 0 ? this.#found.get(key) : undefined;
      if (known) {
        source = known.source;
        passed.push(...known.crossings);
        break;
      }
      if (way.has(key)) break;
      way.set(key, passed.length);
      const crossing = this.#crossingAt(at);
      if (crossing) passed.push(crossing);
      const step = this.#step(at, switches);
      if (step && "kind" in step) source = step;
      at = step && !("kind" in step) ? step : undefined;
    }
    if (switches > 0) return { source, crossings: passed };
    let rest: readonly Crossing[] = passed;
    let before = 0;
    for (const [key, start] of way) {
      if (start > before) rest = passed.slice(start);
      before = start;
      this.#found.set(key, { source, crossings: rest });
    }
    return { source, crossings: passed };
  }

  /** Where an output is, or the output behind it that it stands for. */
  #step(from: ComfyLink["from"], switches: number): Source | ComfyLink["from"] | undefined {
    const node = this.#graph.nodes.get(from.node);
    if (!node) return this.#beyondBoundary(from);
    const instance = this.#graph.instances.has(node.id);
    if (instance || isPassage(node)) {
      if (node.mode === "muted") return nothing;
      if (node.mode === "bypassed" && (instance || isSwitch(node))) return this.#bypass(node, from.slot);
    }
    if (instance) return this.linkInto(`${node.id}:${SUBGRAPH_OUTPUT}`, boundaryPort(from.slot))?.from;
    if (isGet(node)) return this.#setterFor(node);
    if (isSwitch(node)) return this.#switched(node, switches);
    if (isPassage(node)) return this.linksInto(node.id).values().next().value?.from;
    const widget = constantWidget(node, from.slot);
    const linked = widget === undefined ? undefined : this.linkInto(node.id, widget);
    if (linked) return linked.from;
    const constant = constantOf(node, from.slot);
    if (constant === undefined) return { kind: "output", node: node.id, slot: from.slot };
    return node.mode === "active" ? { kind: "value", value: constant, node: node.id } : nothing;
  }

  /** The input side of a subgraph, seen from inside: goes on outside, at the input of that name. */
  #beyondBoundary(from: ComfyLink["from"]): ComfyLink["from"] | undefined {
    const id = enteredInstance(from);
    const name = id === undefined ? undefined : this.#graph.instances.get(id)?.inputs[from.slot];
    return id === undefined || name === undefined ? undefined : this.linkInto(id, name)?.from;
  }

  #crossingAt(from: ComfyLink["from"]): Crossing | undefined {
    const entered = enteredInstance(from);
    const { slot } = from;
    if (entered !== undefined) return { instance: entered, side: "in", slot };
    return this.#graph.instances.has(from.node) ? { instance: from.node, side: "out", slot } : undefined;
  }

  /** The input of the same place or else the first of the same type passes through. */
  #bypass(node: ComfyNode, slot: number): ComfyLink["from"] | undefined {
    const type = node.outputs[slot]?.type ?? "*";
    const matching = [node.inputs[slot], ...node.inputs].find(
      (input) => input && (type === "*" || input.type === type),
    );
    return matching && this.linkInto(node.id, matching.name)?.from;
  }

  /** A switch gives its first input that brings something. */
  #switched(node: ComfyNode, switches: number): Source {
    const known = this.#switchResults.get(node.id);
    if (known || switches >= MAX_SWITCHES) return known ?? nothing;
    // Until it is known, a switch that comes back to itself brings nothing.
    this.#switchResults.set(node.id, nothing);
    const links = [...this.linksInto(node.id)].sort(
      ([a], [b]) => inputOrder(node, a) - inputOrder(node, b) || (a < b ? -1 : 1),
    );
    for (const [, { from }] of links) {
      const source = this.resolve(from, switches + 1);
      if (this.#isDead(source)) continue;
      this.#switchResults.set(node.id, source);
      return source;
    }
    return nothing;
  }

  /** The Set node of that name in the same subgraph, or else one further out. */
  #setterFor(getter: ComfyNode): ComfyLink["from"] | undefined {
    const setters = this.#setters.get(nameOf(getter));
    for (let scope = scopeOf(getter.id); setters; scope = scopeOf(scope.slice(0, -1))) {
      const nearest = setters.get(scope);
      if (nearest !== undefined) return { node: nearest, slot: 0 };
      if (scope === "") break;
    }
    return undefined;
  }

  /** Whether a switch would pass the source over: it is muted, or a bypassed node that passes something muted on. */
  #isDead(source: Source): boolean {
    for (let at = source, hops = 0; hops < MAX_SWITCHES; hops++) {
      if (at.kind !== "output") return at.kind === "nothing";
      const node = this.#graph.nodes.get(at.node);
      if (!node || node.mode === "muted") return true;
      if (node.mode === "active") return false;
      const behind = this.#bypass(node, at.slot);
      at = behind ? this.resolve(behind, MAX_SWITCHES) : nothing;
    }
    return true;
  }
}

/** What the ids of all nodes beside a node begin with. */
const scopeOf = (id: string): string => id.slice(0, id.lastIndexOf(":") + 1);

/** The instance whose input side a link comes from. */
function enteredInstance({ node }: ComfyLink["from"]): string | undefined {
  const suffix = `:${SUBGRAPH_INPUT}`;
  return node.endsWith(suffix) ? node.slice(0, -suffix.length) : undefined;
}

function inputOrder(node: ComfyNode, name: string): number {
  const index = node.inputs.findIndex((input) => input.name === name);
  return index < 0 ? Number.MAX_SAFE_INTEGER : index;
}

function nameOf(node: ComfyNode): string {
  return String(node.values.name ?? "");
}
