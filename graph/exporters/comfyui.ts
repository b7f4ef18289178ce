import { HeddleError } from "../../common/errors.ts";
import type { DefinitionLookup, NodeDefinition } from "../definition.ts";
import type { JsonValue, WorkflowDocument, WorkflowNode } from "../document.ts";
import { type Fields, fieldsOf } from "../importers/fields.ts";
import { isPlaceholder, placeholderPorts } from "../placeholder.ts";
import { flattenWorkflow } from "../subgraphs/flatten.ts";
import { indexWorkflow, resolveSource, type WorkflowIndex } from "../topology.ts";
import { parseLoras, parseSeed, readParam } from "../values.ts";
import { type ApiNode, type ApiNodes, exportRules } from "./comfyui-rules.ts";

/** Something that has no equal in ComfyUI. */
export interface NotExportable {
  nodeId: string;
  message: string;
}

/**
 * Writes a workflow in ComfyUI's API format, as text: a seed beyond what a JSON number holds exactly in JavaScript stands
 * there with all of its digits, as ComfyUI reads it. Notes and muted nodes are left out, bypassed ones passed through;
 * placeholders of ComfyUI's own nodes are written as they were.
 * @throws HeddleError `not-exportable` with all that has no equal in `details.nodes`
 */
export function exportComfyUi(document: WorkflowDocument, definitions: DefinitionLookup): string {
  const text = JSON.stringify(document);
  let mark = "@seed";
  while (text.includes(mark)) mark += "@";
  const api = new Exporter(document, definitions, mark).run();
  return `${JSON.stringify(api, null, 2).replace(new RegExp(`"${mark}:(\\d+)"`, "g"), "$1")}\n`;
}

/** Nodes that are nothing but a value, with the param that holds it: ComfyUI's API format has such values in place of links. */
const constants: Readonly<Record<string, string>> = {
  seed: "seed",
  integer: "value",
  number: "value",
  text: "text",
  boolean: "value",
};

class Exporter {
  readonly #document: WorkflowDocument;
  readonly #definitions: DefinitionLookup;
  readonly #index: WorkflowIndex;
  readonly #problems: NotExportable[] = [];
  readonly #written = new Map<string, ApiNodes>();
  readonly #seedMark: string;

  /** `seedMark` stands in no text of the document. */
  constructor(nested: WorkflowDocument, definitions: DefinitionLookup, seedMark: string) {
    const { document } = flattenWorkflow(nested);
    this.#document = document;
    this.#definitions = definitions;
    this.#seedMark = seedMark;
    this.#index = indexWorkflow(document);
  }

  run(): Fields {
    const nodes = this.#document.nodes.filter(
      (node) =>
        node.mode === "active" &&
        !this.#definitions(node.type)?.isAnnotation &&
        !Object.hasOwn(constants, node.type) &&
        !isPassage(node),
    );
    const ids = new Set(nodes.map(({ id }) => id));
    for (const node of nodes) {
      const written = this.#write(node);
      if (typeof written === "string")
        this.#problems.push({ nodeId: node.id, message: `${this.#nameOf(node)}: ${written}.` });
      else this.#written.set(node.id, written);
    }
    const api: [string, Fields][] = [];
    for (const node of nodes) {
      const written = this.#written.get(node.id);
      if (!written) continue;
      for (const [suffix, inner] of Object.entries(written.others ?? {})) {
        const id = `${node.id}-${suffix}`;
        if (ids.has(id)) this.#problems.push({ nodeId: id, message: `The id "${id}" is needed for another node.` });
        api.push([id, this.#apiNode(node, inner, undefined)]);
      }
      api.push([node.id, this.#apiNode(node, written.main, this.#nameOf(node))]);
      this.#checkSettingLinks(node, written);
    }
    if (this.#problems.length > 0) throw notExportable(this.#problems);
    return Object.fromEntries(api);
  }

  /** A setting that another node works out, which would be written as what was last typed in. */
  #checkSettingLinks(node: WorkflowNode, { main, others = {} }: ApiNodes): void {
    const settings = this.#definitions(node.type)?.params ?? [];
    const written = [main, ...Object.values(others)].flatMap(({ links }) => Object.values(links));
    for (const { name, label } of settings) {
      const source = this.#sourceOf(node, name);
      if (!source || this.#constantAt(source) !== undefined || written.includes(name)) continue;
      this.#problems.push({
        nodeId: node.id,
        message: `${this.#nameOf(node)}: its setting "${label}" comes from another node.`,
      });
    }
  }

  /** The node's ComfyUI form, or why it has none. */
  #write(node: WorkflowNode): ApiNodes | string {
    const definition = this.#definitions(node.type);
    if (!definition) return isPlaceholder(node) ? this.#writePlaceholder(node) : "this node is unknown";
    const rule = Object.hasOwn(exportRules, node.type) ? exportRules[node.type] : undefined;
    if (!rule) return "ComfyUI has no such node";
    const params = Object.fromEntries(
      definition.params.map((param) => {
        const source = this.#sourceOf(node, param.name);
        return [param.name, (source && this.#constantAt(source)) ?? readParam(node.params, param)] as const;
      }),
    );
    return rule({
      params,
      hasLink: (input) => {
        const source = this.#sourceOf(node, input);
        return source !== undefined && this.#constantAt(source) === undefined;
      },
      isLinked: (input) => this.#sourceOf(node, input) !== undefined,
      latentBatch: () => this.#latentBatch(node),
      kept: fieldsOf(fieldsOf(node.comfyui as JsonValue).values),
      presetSize: (preset) => this.#presetSize(definition, preset),
    });
  }

  /** A node of ComfyUI's that Heddle only kept: what it was, with its links. */
  #writePlaceholder(node: WorkflowNode): ApiNodes | string {
    const { widgets_values: unnamed, ...values } = node.params;
    if (unnamed !== undefined) return "the names of its settings are not known";
    const classType = fieldsOf(node.comfyui as JsonValue).class;
    if (typeof classType !== "string") return "its class is not known";
    const linked = [...(this.#index.linksInto.get(node.id)?.keys() ?? [])];
    const { outputs } = placeholderPorts(node);
    return {
      main: { classType, values, links: Object.fromEntries(linked.map((input) => [input, input])) },
      outputs: Object.fromEntries(outputs.map(({ name }, slot) => [name, { node: "main", slot }])),
    };
  }

  #apiNode(node: WorkflowNode, { classType, values, links }: ApiNode, title: string | undefined): Fields {
    const inputs: Fields = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, /seed$/.test(name) ? this.#exactSeed(value) : value]),
    );
    for (const [input, origin] of Object.entries(links)) {
      const link = typeof origin === "string" ? this.#linkTo(node, origin) : [`${node.id}-${origin.own}`, origin.slot];
      if (link) inputs[input] = link;
    }
    return { class_type: classType, inputs, ...(title === undefined ? {} : { _meta: { title } }) };
  }

  /** The output that an input gets its value from, through all that passes it on as it is. */
  #sourceOf(node: WorkflowNode, input: string): { node: string; port: string } | undefined {
    let link = this.#index.linksInto.get(node.id)?.get(input);
    for (const seen = new Set<string>(); link; ) {
      const source = resolveSource(this.#index, this.#definitions, link.from);
      if (source.kind !== "port") return undefined;
      const from = this.#index.nodes.get(source.node);
      if (!from || !isPassage(from)) return { node: source.node, port: source.port };
      if (seen.has(from.id)) return undefined;
      seen.add(from.id);
      // What is passed on has the same name on both sides.
      link = this.#index.linksInto.get(from.id)?.get(source.port);
    }
    return undefined;
  }

  /** The value of an output that always has the same one. */
  #constantAt({ node: id }: { node: string }): JsonValue | undefined {
    const node = this.#index.nodes.get(id);
    const name = node && Object.hasOwn(constants, node.type) ? constants[node.type] : undefined;
    const param = node && this.#definitions(node.type)?.params.find((candidate) => candidate.name === name);
    return param && readParam(node.params, param);
  }

  /** How many pictures are drawn at once from the empty latent behind a node; 1 where a picture is behind it. */
  #latentBatch(node: WorkflowNode): number {
    const source = this.#sourceOf(node, "latent");
    const size = source && this.#index.nodes.get(source.node);
    const batch = size && this.#definitions(size.type)?.params.find(({ name }) => name === "batch");
    return batch ? Number(readParam(size.params, batch)) : 1;
  }

  /** The pair that stands for a link, `[id, slot]`. */
  #linkTo(node: WorkflowNode, input: string): JsonValue[] | undefined {
    const source = this.#sourceOf(node, input);
    if (!source) return undefined;
    const written = this.#written.get(source.node);
    // A source that could not be written is a problem of its own.
    if (!written) return undefined;
    const output = Object.hasOwn(written.outputs, source.port)
      ? written.outputs[source.port]
      : slotByNumber(source.port);
    if (!output) {
      const from = this.#index.nodes.get(source.node);
      this.#problems.push({
        nodeId: node.id,
        message: `${this.#nameOf(node)}: its input "${input}" comes from the output "${source.port}" of ${from ? this.#nameOf(from) : source.node}, which ComfyUI does not have.`,
      });
      return undefined;
    }
    return [output.node === "main" ? source.node : `${source.node}-${output.node}`, output.slot];
  }

  /** Options of Image Size say their size in words: "1024 × 768". */
  #presetSize(definition: NodeDefinition, preset: string): { width: number; height: number } | undefined {
    const param = definition.params.find(({ name }) => name === "preset");
    const option = param?.kind === "choice" ? param.options.find(({ value }) => value === preset) : undefined;
    const [, width, height] = /^(\d+) × (\d+)$/.exec(option?.description ?? "") ?? [];
    return width && height ? { width: Number(width), height: Number(height) } : undefined;
  }

  /** Digits that stay digits: the text is unquoted once it is written. */
  #exactSeed(value: JsonValue): JsonValue {
    const seed = typeof value === "string" ? parseSeed(value) : undefined;
    return seed === undefined ? value : `${this.#seedMark}:${seed}`;
  }

  #nameOf(node: WorkflowNode): string {
    return node.title || this.#definitions(node.type)?.title || node.type;
  }
}

/** Placeholders from the API format have outputs without names. */
function slotByNumber(port: string): { node: string; slot: number } | undefined {
  const [, slot] = /^output-(\d{1,4})$/.exec(port) ?? [];
  return slot === undefined ? undefined : { node: "main", slot: Number(slot) };
}

/** A node that gives out what comes in at the input of the same name. */
function isPassage({ type, params }: WorkflowNode): boolean {
  if (type === "reroute") return true;
  if (type === "load-lora") return params.enabled === false;
  return type === "lora-stack" && parseLoras(params.loras)?.every(({ enabled }) => !enabled) === true;
}

function notExportable(nodes: readonly NotExportable[]): HeddleError {
  const shown = nodes.slice(0, 5).map(({ message }) => message);
  const more = nodes.length > shown.length ? ` And ${nodes.length - shown.length} more.` : "";
  return new HeddleError({
    code: "not-exportable",
    message: `This workflow cannot be written for ComfyUI. ${shown.join(" ")}${more}`,
    help: "Change or mute these nodes, then export again.",
    nodeId: nodes[0]?.nodeId,
    details: { nodes: [...nodes] },
  });
}
