import type { JsonValue, WorkflowDocument } from "../../graph/document.ts";
import { type Fields, fieldsOf, idOf, isFields, objectsOf } from "../../graph/importers/fields.ts";

/**
 * What of a ComfyUI file is nowhere to be found in the imported document: nodes, widget values, links, groups. Written
 * without the importer's own code, over the file as it is.
 */
export function lostInImport(file: Fields, document: WorkflowDocument): string[] {
  const kept = fieldsOf(document.comfyui as JsonValue);
  const records = new Map<string, string>();
  const record = (id: string, value: unknown) => records.set(id, (records.get(id) ?? "") + JSON.stringify(value));
  for (const node of graphs(document).flatMap(({ nodes }) => nodes)) {
    const original = idOf(fieldsOf(node.comfyui as JsonValue).id);
    // The further nodes that one became have its id with a number.
    record(original ?? node.id.replace(/-\d+$/, ""), node);
  }
  for (const { id, node } of objectsOf(kept.nodes)) record(String(id), node);
  const links = [...(Array.isArray(kept.links) ? kept.links : [])].map((link) => String((link as JsonValue[])[0]));
  const state = { document, records, keptLinks: new Set(links), shared: new Map<string, string>() };
  const lost = Array.isArray(file.nodes) ? lostOfUi(file, file, "", state) : lostOfApi(file, state);
  const frames = graphs(document).reduce((count, graph) => count + (graph.frames?.length ?? 0), 0);
  const groups = objectsOf(file.groups).length;
  return frames < groups ? [...lost, `${groups - frames} groups`] : lost;
}

/** The document and its subgraphs. */
const graphs = (document: WorkflowDocument) => [document, ...(document.subgraphs ?? [])];

interface State {
  document: WorkflowDocument;
  records: Map<string, string>;
  keptLinks: Set<string>;
  /** By definition of a subgraph. */
  shared: Map<string, string>;
}

function lostOfUi(file: Fields, level: Fields, prefix: string, state: State): string[] {
  const subgraphs = new Map(objectsOf(fieldsOf(file.definitions).subgraphs).map((entry) => [String(entry.id), entry]));
  const nodes = objectsOf(level.nodes).flatMap((node) => {
    const id = `${prefix}${node.id}`;
    // Uses of a subgraph that are the same share what they became, which has the first one's ids.
    const shared = `${level.id} ${node.id}`;
    const text = state.records.get(id) ?? state.shared.get(shared);
    if (text !== undefined) state.shared.set(shared, text);
    const inner = subgraphs.get(String(node.type));
    const below = inner ? lostOfUi(file, inner, `${id}:`, state) : [];
    if (text === undefined) return [`node ${id}`, ...below];
    const values = Array.isArray(node.widgets_values)
      ? node.widgets_values
      : Object.values(fieldsOf(node.widgets_values));
    return [...missingValues(id, values, text), ...below];
  });
  const items = Array.isArray(level.links) ? level.links : [];
  const links = items.flatMap((link) => {
    const [id, , , to] = Array.isArray(link) ? link : isFields(link) ? [link.id, 0, 0, link.target_id] : [];
    const shared = `link ${level.id} ${id}`;
    if (hasLink(`${prefix}${id}`, `${prefix}${to}`, state)) state.shared.set(shared, "");
    return state.shared.has(shared) ? [] : [`link ${prefix}${id}`];
  });
  return [...nodes, ...links];
}

function lostOfApi(file: Fields, state: State): string[] {
  return Object.entries(file).flatMap(([id, node]) => {
    const text = state.records.get(id);
    if (text === undefined) return [`node ${id}`];
    const inputs = Object.entries(fieldsOf(fieldsOf(node).inputs));
    const isLink = (value: JsonValue) => Array.isArray(value) && value.length === 2 && String(value[0]) in file;
    const links = inputs
      .filter(([name, value]) => isLink(value) && !hasLink(`${id}.${name}`, id, state))
      .map(([name]) => `link ${id}.${name}`);
    return [
      ...missingValues(
        id,
        inputs.filter(([, value]) => !isLink(value)).map(([, value]) => value),
        text,
      ),
      ...links,
    ];
  });
}

function missingValues(id: string, values: readonly JsonValue[], text: string): string[] {
  return values
    .filter((value) => value !== null && !text.includes(JSON.stringify(value)))
    .map((value) => `value ${JSON.stringify(value)} of ${id}`);
}

/** A link that is kept aside has its id there; any other must have a link in the document into the same node. */
function hasLink(id: string, target: string, { document, keptLinks }: State): boolean {
  if (keptLinks.has(id)) return true;
  return graphs(document).some(({ nodes, links }) => {
    const node = nodes.find((candidate) => fieldsOf(candidate.comfyui as JsonValue).id === target);
    const ids = new Set(node ? [node.id, `${node.id}-2`, `${node.id}-3`] : []);
    return links.some(({ to }) => ids.has(to.node));
  });
}
