import type { ErrorPayload } from "../common/errors.ts";
import { exposedParamSchema, nodeModes, workflowModelSchema } from "./document.ts";

type Fields = Record<string, unknown>;

/** Tells of a repair; `cause` and what else the details hold say it for other languages. */
type Report = (message: string, details: { cause: string; [fact: string]: unknown }, nodeId?: string) => void;

/**
 * Puts right what a hand-written or half-damaged document has wrong without changing what it means: missing ids of
 * links, positions that are no numbers, unknown modes, links with no ends. What cannot be put right stays, for the
 * schema to report. Each repair is told in `report`.
 */
export function repairWorkflow(input: Fields, report: (repair: ErrorPayload) => void): Fields {
  const document: Fields = { ...input };
  const repaired: Report = (message, details, nodeId) =>
    report({ code: "workflow-repaired", message, help: "Check it, then save the workflow.", nodeId, details });
  repairGraph(document, repaired);
  if (Array.isArray(document.subgraphs)) {
    document.subgraphs = document.subgraphs.map((input: unknown) => {
      if (!isFields(input)) return input;
      const subgraph: Fields = { ...input };
      repairGraph(subgraph, repaired);
      return subgraph;
    });
  }
  for (const key of ["subgraphs", "exposed", "sweep"] as const) {
    if (document[key] === null) delete document[key];
  }
  if (document.exposed !== undefined) repairExposed(document, repaired);
  if (document.models !== undefined) repairModels(document, repaired);
  return document;
}

function repairGraph(graph: Fields, report: Report): void {
  graph.links ??= [];
  if (Array.isArray(graph.nodes)) {
    graph.nodes = graph.nodes.map((node: unknown) => (isFields(node) ? repairNode(node, report) : node));
  }
  if (Array.isArray(graph.links)) graph.links = repairLinks(graph.links, report);
  for (const key of ["view", "frames"] as const) {
    if (graph[key] === null) delete graph[key];
  }
}

/** What is no list of params would keep the whole workflow from opening, and the form can be made again. */
function repairExposed(document: Fields, report: Report): void {
  const list = Array.isArray(document.exposed) ? document.exposed : [];
  const sound = list.filter((entry) => exposedParamSchema.safeParse(entry).success);
  if (Array.isArray(document.exposed) && sound.length === list.length) return;
  document.exposed = sound;
  report("Some entries of the workflow’s form could not be read and were removed.", { cause: "form" });
}

/** What is known of models helps to find them; without it the workflow still opens. */
function repairModels(document: Fields, report: Report): void {
  const list = Array.isArray(document.models) ? document.models : [];
  const sound = list.filter((entry) => workflowModelSchema.safeParse(entry).success).slice(0, 2_000);
  if (Array.isArray(document.models) && sound.length === list.length) return;
  document.models = sound;
  report("Some of what the workflow says about its models could not be read and was removed.", { cause: "models" });
}

function repairNode(input: Fields, report: Report): Fields {
  const node: Fields = { ...input };
  // Ids that count up are common in other programs' files.
  if (typeof node.id === "number") node.id = String(node.id);
  const name = typeof node.id === "string" ? node.id : undefined;
  if (node.position !== undefined && !isPoint(node.position, "x", "y")) {
    delete node.position;
    report(`The node "${name}" had no usable position and was put at the origin.`, { cause: "position", name }, name);
  }
  if (node.size !== undefined && !isPoint(node.size, "width", "height")) {
    delete node.size;
    report(`The node "${name}" had no usable size and gets its usual one.`, { cause: "size", name }, name);
  }
  if (node.mode !== undefined && !nodeModes.some((mode) => mode === node.mode)) {
    const mode = JSON.stringify(node.mode);
    report(`The node "${name}" had the unknown mode ${mode} and is active now.`, { cause: "mode", name, mode }, name);
    delete node.mode;
  }
  if (node.params === null) delete node.params;
  return node;
}

function repairLinks(links: unknown[], report: Report): unknown[] {
  const taken = new Set(links.map((link) => (isFields(link) ? link.id : undefined)));
  let next = 1;
  const freeId = () => {
    while (taken.has(`link-${next}`)) next++;
    return `link-${next++}`;
  };
  return links.flatMap((input: unknown, position) => {
    if (!isFields(input) || !isFields(input.from) || !isFields(input.to)) {
      report(`Link ${position + 1} had no two ends and was removed.`, { cause: "link", position: position + 1 });
      return [];
    }
    const id = typeof input.id === "number" ? String(input.id) : (input.id ?? freeId());
    return [{ ...input, id, from: withTextId(input.from), to: withTextId(input.to) }];
  });
}

function withTextId(reference: Fields): Fields {
  return typeof reference.node === "number" ? { ...reference, node: String(reference.node) } : reference;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPoint(value: unknown, ...keys: string[]): boolean {
  return isFields(value) && keys.every((key) => Number.isFinite(value[key]));
}
