import type { DefinitionLookup, NodeDefinition } from "../../graph/definition.ts";
import type { JsonValue, Subgraph, WorkflowDocument, WorkflowLink, WorkflowNode } from "../../graph/document.ts";
import { isBoundary, PATH_SEPARATOR, subgraphIdOf } from "../../graph/subgraphs/boundary.ts";
import { withSubgraphs } from "../../graph/subgraphs/lookup.ts";
import { readParam, visibleParams } from "../../graph/values.ts";
import type { DefinitionText } from "../i18n/use-text.ts";
import { isSweepable, type SweepableParam } from "./axis-editor.tsx";
import type { ParamPlace } from "./inner-params.ts";

/** A parameter that an axis may go along. */
export interface Candidate {
  readonly place: ParamPlace;
  readonly param: SweepableParam;
  /** As people read it; inside subgraphs with their names before it. */
  readonly nodeTitle: string;
  readonly label: string;
  readonly value: JsonValue;
}

type Words = Pick<DefinitionText, "title" | "param" | "option">;

/** Nested subgraphs multiply: more parameters than this are in no list that one reads. */
const MOST = 2_000;

/** Parameters of the workflow, and of what is inside its subgraphs, that count and that neither a link nor a subgraph's own parameter sets. */
export function sweepCandidates(document: WorkflowDocument, base: DefinitionLookup, words: Words): Candidate[] {
  const lookup = withSubgraphs(document, base);
  const found: Candidate[] = [];
  const visit = (
    { nodes, links }: { nodes: readonly WorkflowNode[]; links: readonly WorkflowLink[] },
    within: readonly Subgraph[],
    path: readonly string[],
    titles: readonly string[],
  ): void => {
    const linked = new Set(links.map(({ to }) => `${to.node}\n${to.port}`));
    for (const { node, param } of within.at(-1)?.params ?? []) linked.add(`${node}\n${param}`);
    for (const node of nodes) {
      const definition = isBoundary(node) ? undefined : lookup(node.type);
      if (!definition || definition.isAnnotation || node.mode !== "active" || found.length > MOST) continue;
      const own = [...titles, node.title || words.title(definition)];
      found.push(...ofNode(node, definition, linked, [...path, node.id], own, words));
      const subgraph = document.subgraphs?.find(({ id }) => id === subgraphIdOf(node));
      if (subgraph && !within.includes(subgraph)) visit(subgraph, [...within, subgraph], [...path, node.id], own);
    }
  };
  visit(document, [], [], []);
  return found;
}

function ofNode(
  node: WorkflowNode,
  definition: NodeDefinition,
  linked: ReadonlySet<string>,
  path: readonly string[],
  titles: readonly string[],
  words: Words,
): Candidate[] {
  return visibleParams(definition, node.params).flatMap((param) =>
    isSweepable(param) && !linked.has(`${node.id}\n${param.name}`)
      ? [
          {
            place: { node: path.join(PATH_SEPARATOR), param: param.name },
            param: spoken(definition, param, words),
            nodeTitle: titles.join(" › "),
            label: words.param(definition, param),
            value: readParam(node.params, param),
          },
        ]
      : [],
  );
}

/** With its options as the language of the window has them. */
function spoken(definition: NodeDefinition, param: SweepableParam, words: Words): SweepableParam {
  if (param.kind !== "choice") return param;
  return { ...param, options: param.options.map((one) => ({ ...one, label: words.option(definition, param, one) })) };
}
