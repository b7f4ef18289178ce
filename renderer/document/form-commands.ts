import type { ExposedParam, Sweep, WorkflowDocument } from "../../graph/document.ts";
import { PATH_SEPARATOR } from "../../graph/subgraphs/boundary.ts";
import { type DocumentMeta, metaOf, type Patch } from "./patch.ts";
import { isSame } from "./same-content.ts";

/** The form of a workflow, and its matrix of runs. The patches are for the whole document. */
export function setExposed(document: WorkflowDocument, exposed: readonly ExposedParam[] | undefined): Patch[] {
  return changeMeta(document, "exposed", exposed === undefined ? undefined : [...exposed]);
}

/** What a workflow is called and says of itself, and what its inputs are called: one change. */
export function setProperties(
  document: WorkflowDocument,
  { title, description, exposed }: Pick<WorkflowDocument, "title" | "description" | "exposed">,
): Patch[] {
  const before = metaOf(document);
  const { description: _old, exposed: _before, ...rest } = before;
  const after = {
    ...rest,
    title,
    ...(description ? { description } : {}),
    ...(exposed ? { exposed } : {}),
  } as DocumentMeta;
  return isSame(before, after) ? [] : [{ collection: "meta", before, after }];
}

/** What callers of the workflow's endpoint name a param. */
export const apiNameOf = ({ node, param, name }: ExposedParam): string => name ?? `${node}.${param}`;

/** Names that several inputs have: callers would reach the first of them alone. */
export function namesTwice(exposed: readonly ExposedParam[]): ReadonlySet<string> {
  const counts = Map.groupBy(exposed, apiNameOf);
  return new Set([...counts].flatMap(([name, { length }]) => (length > 1 ? [name] : [])));
}

export function setSweep(document: WorkflowDocument, sweep: Sweep | undefined): Patch[] {
  return changeMeta(document, "sweep", sweep);
}

/** Switches the safety check of the whole workflow; it is on where nothing is said. */
export function toggleSafetyCheck(document: WorkflowDocument): { patches: Patch[]; isOn: boolean } {
  const isOn = document.settings?.safetyCheck === false;
  return { patches: changeMeta(document, "settings", { ...document.settings, safetyCheck: isOn }), isOn };
}

export function isExposed({ exposed }: WorkflowDocument, node: string, param: string): boolean {
  return exposed?.some((entry) => entry.node === node && entry.param === param) ?? false;
}

/** Puts a param at the end of the form, or takes it out. The form of a workflow without one begins with this param. */
export function toggleExposed(document: WorkflowDocument, node: string, param: string): Patch[] {
  const exposed = document.exposed ?? [];
  const rest = exposed.filter((entry) => entry.node !== node || entry.param !== param);
  return setExposed(document, rest.length < exposed.length ? rest : [...exposed, { node, param }]);
}

/** What is said about nodes that are gone, in the form and in the sweep. */
export function withoutNodes(document: WorkflowDocument, nodes: ReadonlySet<string>): Patch[] {
  const before = metaOf(document);
  const { exposed, sweep, ...rest } = before;
  const left = exposed?.filter(({ node }) => !nodes.has(node));
  // An axis may go along a param inside a subgraph: then the node that stands for it counts.
  const axes = sweep?.axes.filter(({ node }) => !nodes.has(node) && !nodes.has(node.split(PATH_SEPARATOR)[0] ?? ""));
  if (left?.length === exposed?.length && axes?.length === sweep?.axes.length) return [];
  const after = {
    ...rest,
    ...(left ? { exposed: left } : {}),
    ...(sweep && axes && axes.length > 0 ? { sweep: { ...sweep, axes } } : {}),
  } as DocumentMeta;
  return [{ collection: "meta", before, after }];
}

function changeMeta(document: WorkflowDocument, key: "exposed" | "sweep" | "settings", value: unknown): Patch[] {
  const before = metaOf(document);
  if (JSON.stringify(before[key]) === JSON.stringify(value)) return [];
  const { [key]: _old, ...rest } = before;
  return [
    { collection: "meta", before, after: (value === undefined ? rest : { ...rest, [key]: value }) as DocumentMeta },
  ];
}
