import { useMemo } from "react";
import type { DefinitionLookup } from "../../graph/definition.ts";
import type { WorkflowNode } from "../../graph/document.ts";
import { findInput } from "../../graph/linkable-params.ts";
import { INPUT_NODE, OUTPUT_NODE } from "../../graph/subgraphs/boundary.ts";
import { type DefinitionText, useDefinitionText, useLanguage, useText } from "../i18n/use-text.ts";
import { useDocument } from "../session/context.tsx";
import type { FlowLink, FlowNode } from "./flow-store.ts";

interface Drawn {
  readonly nodes: FlowNode[];
  readonly links: FlowLink[];
}

/**
 * Nodes and links with what screen readers say of them in the language of the window. In English that is how the flow store and
 * React Flow have it: a link by the ids of its ends.
 */
export function useSpokenGraph({ nodes, links }: Drawn): Drawn {
  const text = useText();
  const words = useDefinitionText();
  const isEnglish = useLanguage() === "en";
  const definitionOf = useDocument((state) => state.definitionOf);
  const [roleOfNode, roleOfLink] = [text("canvas.node"), text("canvas.link")];
  const names = useDocument(({ graph }) => (isEnglish ? "" : namesOf(graph.nodes)));
  const nameOf = useMemo(() => {
    const boundary = { inputs: text("subgraph.inputs"), outputs: text("subgraph.outputs") };
    return isEnglish ? undefined : namer(names, definitionOf, words, boundary);
  }, [isEnglish, names, definitionOf, words, text]);
  const spokenNode = useMemo(
    () => cached((node: FlowNode): FlowNode => ({ ...node, domAttributes: { "aria-roledescription": roleOfNode } })),
    [roleOfNode],
  );
  const spokenLink = useMemo(
    () =>
      nameOf &&
      cached(
        (link: FlowLink): FlowLink => ({
          ...link,
          ariaLabel: nameOf(link),
          domAttributes: { "aria-roledescription": roleOfLink },
        }),
      ),
    [nameOf, roleOfLink],
  );
  const spokenNodes = useMemo(() => (isEnglish ? nodes : nodes.map(spokenNode)), [isEnglish, nodes, spokenNode]);
  const spokenLinks = useMemo(() => (spokenLink ? links.map(spokenLink) : links), [links, spokenLink]);
  return { nodes: spokenNodes, links: spokenLinks };
}

/** The same for the same: React Flow looks only through what is another object than before. */
function cached<Key extends object, Value>(make: (one: Key) => Value): (one: Key) => Value {
  const made = new WeakMap<Key, Value>();
  return (one) => {
    const known = made.get(one) ?? make(one);
    made.set(one, known);
    return known;
  };
}

/** Written down, so that links are named anew for another name only; once for a graph, since every frame asks. */
const namesOf = cached((nodes: readonly WorkflowNode[]) =>
  JSON.stringify(nodes.map(({ id, type, title }) => [id, type, title ?? ""])),
);

/** `加载模型 模型 → 采样器 模型` of a link. */
function namer(
  names: string,
  definitionOf: DefinitionLookup,
  words: DefinitionText,
  { inputs, outputs }: { inputs: string; outputs: string },
): (link: FlowLink) => string {
  const nodes = new Map((JSON.parse(names) as [string, string, string][]).map(([id, ...node]) => [id, node]));
  const end = (id: string, port: string, side: "inputs" | "outputs") => {
    const [type = "", title = ""] = nodes.get(id) ?? [];
    const definition = definitionOf(type);
    const found =
      definition &&
      (side === "inputs" ? findInput(definition, port) : definition.outputs.find(({ name }) => name === port));
    const label = definition && found ? words.port(definition, side, found) : port;
    const name = type === INPUT_NODE ? inputs : type === OUTPUT_NODE ? outputs : definition && words.title(definition);
    return `${title || name || id} ${label}`;
  };
  return ({ source, sourceHandle, target, targetHandle }) =>
    `${end(source, sourceHandle ?? "", "outputs")} → ${end(target, targetHandle ?? "", "inputs")}`;
}
