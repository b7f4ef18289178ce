import type { DefinitionLookup, NodeDefinition, ParamDefinition } from "../../graph/definition.ts";
import { diffWorkflows } from "../../graph/diff.ts";
import type { JsonValue, WorkflowDocument } from "../../graph/document.ts";
import { subgraphIdOf } from "../../graph/subgraphs/boundary.ts";
import { flattenWorkflow } from "../../graph/subgraphs/flatten.ts";
import { parseLoras, readParam } from "../../graph/values.ts";
import { placeOfNode } from "../document/scope.ts";

/** One line of what two pictures were made with differently. */
export interface Difference {
  readonly nodeId: string;
  readonly node: {
    readonly definition: NodeDefinition | undefined;
    readonly title: string;
    /** What the subgraphs are called that it is in, from the outermost one inwards. */
    readonly within: readonly string[];
  };
  readonly param: ParamDefinition | undefined;
  /** Name of the param, of the field of the node, or of the input; empty when it is about the whole node. */
  readonly field: string;
  /** `undefined`: there is no such thing in this picture's workflow. */
  readonly first: string | undefined;
  readonly second: string | undefined;
}

/**
 * What differs in nodes, their params and links; where nodes lie and what they are called does not count. Subgraphs are opened
 * out: what differs in them is told of the node inside (`detailer/sampler`).
 */
export function parameterDifferences(
  first: WorkflowDocument,
  second: WorkflowDocument,
  definitionOf: DefinitionLookup,
): Difference[] {
  const owners = nodesOf(first);
  const others = nodesOf(second);
  const nodes = new Map([...owners, ...others]);
  return diffWorkflows(first, second).flatMap((change): Difference[] => {
    const node = nodes.get(change.nodeId ?? "");
    if (!node || (change.kind === "node-changed" && change.field !== "mode" && change.field !== "type")) return [];
    const definition = definitionOf(node.type);
    const param = definition?.params.find(({ name }) => name === change.field);
    const line = {
      nodeId: node.id,
      node: {
        definition,
        title: node.title ?? "",
        within: titlesAround(others.has(node.id) ? second : first, node.id),
      },
      param,
      field: change.field ?? "",
    };
    if (param && change.kind.startsWith("param-")) {
      // A param that one file does not mention has its default there.
      const value = (of: typeof owners) => {
        const owner = of.get(node.id);
        return owner && showValue(readParam(owner.params, param));
      };
      const [a, b] = [value(owners), value(others)];
      return a === b ? [] : [{ ...line, first: a, second: b }];
    }
    const show = (value: JsonValue | undefined) => (value === undefined ? undefined : showValue(value));
    return [{ ...line, first: show(change.from), second: show(change.to) }];
  });
}

const nodesOf = (document: WorkflowDocument) =>
  new Map(flattenWorkflow(document).document.nodes.map((node) => [node.id, node]));

function titlesAround(document: WorkflowDocument, flatId: string): string[] {
  let { nodes } = document;
  return placeOfNode(document, flatId).path.map((id) => {
    const instance = nodes.find((node) => node.id === id);
    const subgraph = document.subgraphs?.find((one) => instance && one.id === subgraphIdOf(instance));
    nodes = subgraph?.nodes ?? [];
    return instance?.title || subgraph?.title || id;
  });
}

/** One line of what several pictures were made with: the values in the order of the pictures. */
export interface DifferenceRow extends Omit<Difference, "first" | "second"> {
  readonly values: readonly (string | undefined)[];
}

/** What differs between the first workflow and any other; one that does not differ from it in a line has its value there. */
export function differenceRows(
  documents: readonly WorkflowDocument[],
  definitionOf: DefinitionLookup,
): DifferenceRow[] {
  const [first, ...others] = documents;
  if (!first) return [];
  const keyOf = ({ nodeId, field }: Difference) => `${nodeId}\n${field}`;
  const found = others.map((other) => {
    const lines = parameterDifferences(first, other, definitionOf);
    return new Map(lines.map((line) => [keyOf(line), line]));
  });
  const all = new Map(found.flatMap((lines) => [...lines]));
  return [...all].map(([key, { first: own, second: _, ...line }]) => ({
    ...line,
    values: [own, ...found.map((lines) => (lines.has(key) ? lines.get(key)?.second : own))],
  }));
}

function showValue(value: JsonValue): string {
  const loras = Array.isArray(value) ? parseLoras(value) : undefined;
  if (loras && loras.length > 0) {
    return loras.map(({ name, weight, enabled }) => `${enabled ? "" : "– "}${name} × ${weight}`).join("\n");
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}
