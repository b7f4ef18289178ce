import { useMemo } from "react";
import type { DefinitionLookup } from "../../graph/definition.ts";
import type { WorkflowFrame, WorkflowNode } from "../../graph/document.ts";
import { findInput } from "../../graph/linkable-params.ts";
import { INPUT_NODE, OUTPUT_NODE } from "../../graph/subgraphs/boundary.ts";
import { type DefinitionText, useDefinitionText, useLanguage, useText } from "../i18n/use-text.ts";
import { useDocument } from "../session/context.tsx";
import { type FlowLink, type FlowNode, frameFlowId } from "./flow-store.ts";

interface Drawn {
  readonly nodes: FlowNode[];
  readonly links: FlowLink[];
}

/**
 * Nodes and links with what screen readers say of them in the language of the window: a node by its title; a link by its ends,
 * in English as the flow store has it, by the ids of nodes and sockets, where they are words, which tell also nodes of one title
 * apart; ids of other programs are numbers.
 */
export function useSpokenGraph({ nodes, links }: Drawn): Drawn {
  const text = useText();
  const words = useDefinitionText();
  const isEnglish = useLanguage() === "en";
  const definitionOf = useDocument((state) => state.definitionOf);
  const [roleOfNode, roleOfLink] = [text("canvas.node"), text("canvas.link")];
  const names = useDocument(({ graph }) => namesOf(graph.nodes));
  const frames = useDocument(({ graph }) => (graph.frames ? titlesOf(graph.frames) : "[]"));
  const namer = useMemo(() => {
    const own = {
      inputs: text("subgraph.inputs"),
      outputs: text("subgraph.outputs"),
      frame: text("frame.untitled"),
    };
    return createNamer(names, frames, definitionOf, words, own);
  }, [names, frames, definitionOf, words, text]);
  const spokenNode = useMemo(
    () =>
      cached(
        (node: FlowNode): FlowNode => ({
          ...node,
          ariaLabel: namer.node(node.id) || roleOfNode,
          ...(isEnglish ? {} : { domAttributes: { "aria-roledescription": roleOfNode } }),
        }),
      ),
    [namer, isEnglish, roleOfNode],
  );
  const spokenLink = useMemo(
    () =>
      cached(
        (link: FlowLink): FlowLink =>
          isEnglish && isReadable(link)
            ? link
            : {
                ...link,
                ariaLabel: namer.link(link),
                ...(isEnglish ? {} : { domAttributes: { "aria-roledescription": roleOfLink } }),
              },
      ),
    [namer, isEnglish, roleOfLink],
  );
  const spokenNodes = useMemo(() => nodes.map(spokenNode), [nodes, spokenNode]);
  const spokenLinks = useMemo(
    () => (isEnglish && links.every(isReadable) ? links : links.map(spokenLink)),
    [isEnglish, links, spokenLink],
  );
  return { nodes: spokenNodes, links: spokenLinks };
}

const WORDS = /^[a-z]+(-[a-z]+)*(-\d+)?$/i;
const isReadable = ({ source, target }: FlowLink): boolean => WORDS.test(source) && WORDS.test(target);

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

const titlesOf = cached((frames: readonly WorkflowFrame[]) =>
  JSON.stringify(frames.map(({ id, title }) => [frameFlowId(id), title ?? ""])),
);

/** What a node is called, and a link: `加载模型 模型 → 采样器 模型`. */
function createNamer(
  names: string,
  frames: string,
  definitionOf: DefinitionLookup,
  words: DefinitionText,
  { inputs, outputs, frame }: { inputs: string; outputs: string; frame: string },
) {
  const frameTitles = new Map(JSON.parse(frames) as [string, string][]);
  const nodes = new Map((JSON.parse(names) as [string, string, string][]).map(([id, ...node]) => [id, node]));
  const node = (id: string): string => {
    const [type = "", title = ""] = nodes.get(id) ?? [];
    const definition = definitionOf(type);
    const name = type === INPUT_NODE ? inputs : type === OUTPUT_NODE ? outputs : definition && words.title(definition);
    return title || name || (frameTitles.has(id) ? frameTitles.get(id) || frame : type);
  };
  const end = (id: string, port: string, side: "inputs" | "outputs") => {
    const [type = ""] = nodes.get(id) ?? [];
    const definition = definitionOf(type);
    const found =
      definition &&
      (side === "inputs" ? findInput(definition, port) : definition.outputs.find(({ name }) => name === port));
    const label = definition && found ? words.port(definition, side, found) : port;
    return `${node(id) || id} ${label}`;
  };
  return {
    node,
    link: ({ source, sourceHandle, target, targetHandle }: FlowLink): string =>
      `${end(source, sourceHandle ?? "", "outputs")} → ${end(target, targetHandle ?? "", "inputs")}`,
  };
}
