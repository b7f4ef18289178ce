import { fieldsOf, idOf, textOf } from "../fields.ts";
import { boundaryPort, type ComfyGraph, type ComfyLink, SUBGRAPH_INPUT, SUBGRAPH_OUTPUT } from "./graph.ts";
import type { Promoted } from "./pack-subgraphs.ts";
import type { Source, SourceResolver } from "./resolve.ts";

type Port = Promoted["target"];

/** How the document has what the file has. */
export interface DocumentPorts {
  /** What an input or a widget of a node became: nothing, one, or several. */
  insideOf(nodeId: string, input: string): readonly Port[];
  sourceOf(source: Source): Port | undefined;
}

/** Instances within instances; the reader opens no more. */
const MAX_DEPTH = 64;

/** What the instances of subgraphs show on their outside, and what that is inside. */
export class PromotedPorts {
  readonly #graph: ComfyGraph;
  readonly #resolver: SourceResolver;
  readonly #document: DocumentPorts;
  readonly #linksFrom: ReadonlyMap<string, readonly ComfyLink[]>;

  constructor(graph: ComfyGraph, resolver: SourceResolver, document: DocumentPorts) {
    this.#graph = graph;
    this.#resolver = resolver;
    this.#document = document;
    // Of several links into an input the first counts.
    const counting = graph.links.filter((link) => resolver.linkInto(link.to.node, link.to.input) === link);
    this.#linksFrom = Map.groupBy(counting, ({ from }) => `${from.node} ${from.slot}`);
  }

  /** Widgets in the order in which the instance shows them, then the rest of its inputs. */
  inputs(instance: string): Promoted[] {
    const info = this.#graph.instances.get(instance);
    if (!info) return [];
    const slots = info.inputs.map((name, slot) => {
      const label = info.labels.inputs[slot];
      const named = { name, ...(label === undefined ? {} : { label }) };
      return this.#behindSlot(instance, slot, 0).map((target): Promoted => ({ ...named, target }));
    });
    const shown = this.#proxies(instance).flatMap(([nodeId, name]) =>
      nodeId === "-1"
        ? (slots[info.inputs.indexOf(name)] ?? [])
        : this.#inside(`${instance}:${nodeId}`, name, 0).map((target): Promoted => ({ name, target })),
    );
    return [...shown, ...slots.flat()];
  }

  outputs(instance: string): Promoted[] {
    const info = this.#graph.instances.get(instance);
    return (info?.outputs ?? []).flatMap((name, slot): Promoted[] => {
      const link = this.#resolver.linkInto(`${instance}:${SUBGRAPH_OUTPUT}`, boundaryPort(slot));
      const target = link && this.#document.sourceOf(this.#resolver.resolve(link.from));
      const label = info?.labels.outputs[slot];
      return target ? [{ name, ...(label === undefined ? {} : { label }), target }] : [];
    });
  }

  /** Everything that an input of an instance goes to. */
  #behindSlot(instance: string, slot: number, depth: number): Port[] {
    const links = this.#linksFrom.get(`${instance}:${SUBGRAPH_INPUT} ${slot}`) ?? [];
    return links.flatMap(({ to }) => this.#inside(to.node, to.input, depth + 1));
  }

  #inside(nodeId: string, input: string, depth: number): readonly Port[] {
    const info = this.#graph.instances.get(nodeId);
    if (!info) return this.#document.insideOf(nodeId, input);
    if (depth > MAX_DEPTH) return [];
    const slot = info.inputs.indexOf(input);
    if (slot >= 0) return this.#behindSlot(nodeId, slot, depth);
    return this.#proxies(nodeId)
      .filter(([inner, name]) => inner !== "-1" && name === input)
      .flatMap(([inner, name]) => this.#inside(`${nodeId}:${inner}`, name, depth + 1));
  }

  /** The widgets that an instance shows: the node that has it, "-1" for the subgraph itself, and its name. */
  #proxies(instance: string): [string, string][] {
    const proxies = fieldsOf(this.#graph.nodes.get(instance)?.properties).proxyWidgets;
    return (Array.isArray(proxies) ? proxies : []).map((entry) =>
      Array.isArray(entry) ? [idOf(entry[0]) ?? "", textOf(entry[1]) ?? ""] : ["", ""],
    );
  }
}
