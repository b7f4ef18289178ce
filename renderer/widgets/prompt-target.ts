import type { WorkflowDocument, WorkflowNode } from "../../graph/document.ts";

/** Where the words of a prompt are written: a node and its text param. */
export interface PromptTarget {
  readonly nodeId: string;
  readonly param: string;
}

type Graph = Pick<WorkflowDocument, "nodes" | "links">;

/**
 * The prompt that a LoRA's trigger words belong to: the positive one of the nearest Sampler behind the LoRA, written in its
 * own node or in the one that gives it its text; else the first Prompt of the workflow.
 */
export function promptFor(graph: Graph, loraNodeId: string): PromptTarget | undefined {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const positive = [...below(graph, loraNodeId)]
    .filter((id) => nodes.get(id)?.type === "sampler")
    .flatMap((id) => graph.links.find(({ to }) => to.node === id && to.port === "positive")?.from.node ?? []);
  const prompt =
    positive.flatMap((id) => [...above(graph, id)]).find((id) => nodes.get(id)?.type === "prompt") ??
    graph.nodes.find(({ type }) => type === "prompt")?.id;
  return prompt === undefined ? undefined : writtenAt(graph, nodes, prompt);
}

/** The text with the words at its end, each once. */
export function withWords(text: string, words: readonly string[]): string {
  const known = text.toLowerCase();
  const missing = words.filter((word) => !known.includes(word.toLowerCase()));
  const start = text.trimEnd().replace(/,$/, "");
  return missing.length === 0 ? text : [...(start === "" ? [] : [start]), ...missing].join(", ");
}

function writtenAt(graph: Graph, nodes: ReadonlyMap<string, WorkflowNode>, promptId: string): PromptTarget {
  const source = graph.links.find(({ to }) => to.node === promptId && to.port === "text")?.from.node;
  const writer = source === undefined ? undefined : nodes.get(source);
  const hasText = writer !== undefined && typeof writer.params.text === "string";
  return { nodeId: hasText ? writer.id : promptId, param: "text" };
}

/** The node and everything that its outputs reach, nearest first. */
function below(graph: Graph, start: string): Set<string> {
  const seen = new Set([start]);
  for (const id of seen) for (const { from, to } of graph.links) if (from.node === id) seen.add(to.node);
  return seen;
}

/** The node and everything that feeds it, nearest first. */
function above(graph: Graph, start: string): Set<string> {
  const seen = new Set([start]);
  for (const id of seen) for (const { from, to } of graph.links) if (to.node === id) seen.add(from.node);
  return seen;
}
