import type { DefinitionLookup } from "../../definition.ts";
import {
  type JsonValue,
  WORKFLOW_FORMAT,
  WORKFLOW_VERSION,
  type WorkflowDocument,
  type WorkflowModel,
  type WorkflowNode,
} from "../../document.ts";
import { findInput } from "../../linkable-params.ts";
import { parseHubUrl } from "../../model-references.ts";
import { parseWorkflow } from "../../parse.ts";
import { COMFYUI_PREFIX } from "../../placeholder.ts";
import type { Term } from "../../problem-terms.ts";
import { parseLoras } from "../../values.ts";
import { type Fields, objectsOf, textOf } from "../fields.ts";
import { Names } from "../names.ts";
import { counted, type ImportNote, type ImportReport, type KeptNode, type ReferencedModel } from "../report.ts";
import type { DetectedComfyUi } from "./detect.ts";
import { type ComfyGraph, type ComfyLink, type ComfyNode, override } from "./graph.ts";
import { ruleFor } from "./mapping/rules.ts";
import type { MappedPart, Mapping } from "./mapping/types.ts";
import { type PackedImport, packSubgraphs, type ScopedLink, type ScopedNode } from "./pack-subgraphs.ts";
import { PromotedPorts } from "./promoted-ports.ts";
import { readApiGraph } from "./read-api.ts";
import { readUiGraph } from "./read-ui.ts";
import { packOf, replacementFor } from "./replacements.ts";
import { type Crossing, type Source, SourceResolver } from "./resolve.ts";
import { constantOf, isApproximator, isHelper, isPassage } from "./virtual-nodes.ts";

export interface ImportedWorkflow {
  document: WorkflowDocument;
  report: ImportReport;
}

/**
 * A ComfyUI workflow as a Heddle document. Nodes that Heddle has an equal for become that; all others stay as
 * placeholders of the type `comfyui/<class>` with their values and links. Whatever has no place in a Heddle document
 * (virtual nodes, the links through them, settings without an equal) is kept in fields named `comfyui`.
 * @throws HeddleError `workflow-too-large`, and what {@link parseWorkflow} throws
 */
export function importComfyUi(
  { kind, file, wrapper }: DetectedComfyUi,
  definitions: DefinitionLookup,
  title = "Imported from ComfyUI",
): ImportedWorkflow {
  const graph = kind === "ui" ? readUiGraph(file) : readApiGraph(file, {});
  return new Importer(graph, definitions).run(kind, wrapper, title);
}

/** Nodes in a row that pass an input on; more is a loop. */
const MAX_PASSES = 500;

/** What became of a ComfyUI node. */
type Fate =
  | { kind: "mapped"; mapping: Mapping; ids: string[] }
  | { kind: "placeholder"; id: string }
  | { kind: "virtual" };

/** One end of a link in the document. */
type Port = { node: string; port: string };

class Importer {
  readonly #graph: ComfyGraph;
  readonly #definitions: DefinitionLookup;
  readonly #resolver: SourceResolver;
  readonly #fates = new Map<string, Fate>();
  readonly #ids = new Names();
  /** Inputs, as `node input`, whose link has one in the document that stands for it. */
  readonly #linkedInputs = new Set<string>();
  readonly #nodes: ScopedNode[] = [];
  readonly #links: ScopedLink[] = [];
  readonly #notes: ImportNote[] = [];
  readonly #kept: KeptNode[] = [];
  readonly #models: ReferencedModel[] = [];
  #users: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  readonly #values = { total: 0, mapped: 0, kept: 0 };

  constructor(graph: ComfyGraph, definitions: DefinitionLookup) {
    this.#graph = graph;
    this.#definitions = definitions;
    this.#resolver = new SourceResolver(graph);
  }

  run(kind: DetectedComfyUi["kind"], wrapper: Fields, title: string): ImportedWorkflow {
    this.#inlineConstants();
    this.#decideFates();
    for (const node of this.#graph.nodes.values()) this.#addNode(node);
    for (const node of this.#graph.nodes.values()) this.#addLinks(node);
    const linkCounts = this.#countLinks();
    this.#notes.unshift(...this.#graph.oddities);
    const packed = this.#pack();
    const document = this.#document(kind, wrapper, title, packed, linkCounts.dissolved);
    const placed = <T extends { nodeId?: string }>(entry: T): T =>
      entry.nodeId === undefined ? entry : { ...entry, nodeId: packed.pathOf(entry.nodeId) };
    const nodes = this.#countNodes();
    return {
      document: parseWorkflow(document).document,
      report: {
        format: kind === "ui" ? "comfyui" : "comfyui-api",
        summary: summaryOf(nodes, this.#kept),
        nodes,
        links: linkCounts.counts,
        values: this.#values,
        kept: this.#kept.map(placed),
        notes: this.#notes.map(placed),
        models: this.#models.map(placed),
      },
    };
  }

  /** A constant that is linked to a setting is that setting's value. */
  #inlineConstants(): void {
    for (const node of this.#graph.nodes.values()) {
      if (this.#isWayOnly(node)) continue;
      for (const input of this.#resolver.linksInto(node.id).keys()) {
        const source = this.#resolver.sourceInto(node.id, input);
        if (source.kind === "value") override(node, input, source.value);
      }
    }
  }

  /** Reroutes, subgraph instances and the like, and constants whose value is all there is to them. */
  #isWayOnly(node: ComfyNode): boolean {
    return isPassage(node) || this.#graph.instances.has(node.id);
  }

  #decideFates(): void {
    const absorbers = new Map<string, Set<string>>();
    for (const node of this.#graph.nodes.values()) {
      if (this.#isWayOnly(node) || constantOf(node) !== undefined) {
        this.#fates.set(node.id, { kind: "virtual" });
        this.#countValues(0, Object.keys(node.values).length + node.unnamed.length);
        if (isHelper(node)) this.#noteHelper(node);
        continue;
      }
      const mapping = this.#map(node);
      if (!mapping) {
        this.#fates.set(node.id, { kind: "placeholder", id: this.#takeId(node.id) });
        continue;
      }
      const ids = mapping.parts.map((_, index) => this.#takeId(index === 0 ? node.id : `${node.id}-${index + 1}`));
      this.#fates.set(node.id, { kind: "mapped", mapping, ids });
      for (const absorbed of mapping.absorbs ?? []) {
        absorbers.set(absorbed, (absorbers.get(absorbed) ?? new Set()).add(node.id));
      }
    }
    this.#absorb(absorbers);
    this.#keepConstantsOnPorts();
  }

  #noteHelper(node: ComfyNode): void {
    if (isApproximator(node)) {
      this.#notes.push({
        code: "import-left-out",
        message: `${labelOf(node)} was left out: it saved time by leaving out parts of the work. Here everything is drawn in full.`,
        help: "Put Accelerate behind the model to save time again.",
        details: { cause: "approximator", nodeName: termOf(node) },
      });
      return;
    }
    this.#notes.push({
      code: "import-left-out",
      message: `${labelOf(node)} was left out: it does not change the picture, and Heddle looks after speed and memory by itself.`,
      help: "There is nothing to do.",
      details: { cause: "helper", nodeName: termOf(node) },
    });
  }

  #map(node: ComfyNode): Mapping | undefined {
    const mapping = ruleFor(node.type)?.map(node, {
      sourceOf: (id, input) => {
        const source = this.#resolver.sourceInto(id, input);
        const found = source.kind === "output" ? this.#graph.nodes.get(source.node) : undefined;
        return found && source.kind === "output" ? { node: found, slot: source.slot } : undefined;
      },
      usersOf: (id) => [...(this.#usersOf().get(id) ?? [])].flatMap((user) => this.#graph.nodes.get(user) ?? []),
    });
    return mapping?.parts.every(({ type }) => this.#definitions(type)) ? mapping : undefined;
  }

  /** By node: those that it feeds, through all that only passes on. */
  #usersOf(): ReadonlyMap<string, ReadonlySet<string>> {
    if (this.#users) return this.#users;
    const users = new Map<string, Set<string>>();
    for (const node of this.#graph.nodes.values()) {
      if (this.#isWayOnly(node)) continue;
      for (const input of this.#resolver.linksInto(node.id).keys()) {
        const source = this.#resolver.sourceInto(node.id, input);
        if (source.kind === "output") users.set(source.node, (users.get(source.node) ?? new Set()).add(node.id));
      }
    }
    this.#users = users;
    return users;
  }

  /** A node that told others what to do goes when all that it is linked to have taken it in. */
  #absorb(absorbers: ReadonlyMap<string, ReadonlySet<string>>): void {
    const users = this.#usersOf();
    for (const [id, by] of absorbers) {
      const takenIn = [...(users.get(id) ?? [])].every((user) => by.has(user) || absorbers.has(user));
      if (!takenIn) continue;
      this.#fates.set(id, { kind: "virtual" });
      const node = this.#graph.nodes.get(id);
      if (node) this.#countValues(Object.keys(node.values).length, 0);
    }
  }

  /** A constant that enters a real input, not a setting, has to stand somewhere. */
  #keepConstantsOnPorts(): void {
    for (const [id, fate] of [...this.#fates]) {
      if (fate.kind !== "mapped") continue;
      for (const part of fate.mapping.parts) {
        for (const origin of Object.values(part.inputs)) {
          const source = "input" in origin ? this.#resolver.sourceInto(origin.of ?? id, origin.input) : undefined;
          if (source?.kind !== "value" || this.#fates.get(source.node)?.kind !== "virtual") continue;
          this.#fates.set(source.node, { kind: "placeholder", id: this.#takeId(source.node) });
        }
      }
    }
  }

  /** Ids that Heddle can hold; a taken one gets a number. */
  #takeId(wanted: string): string {
    const base = wanted === "" ? "node" : wanted.slice(0, 180);
    return this.#ids.take(base, (id) => id !== wanted && this.#graph.nodes.has(id));
  }

  #addNode(node: ComfyNode): void {
    const fate = this.#fates.get(node.id);
    if (fate?.kind === "mapped") this.#addMapped(node, fate.mapping, fate.ids);
    if (fate?.kind === "placeholder") this.#addPlaceholder(node, fate.id);
  }

  #addMapped(node: ComfyNode, mapping: Mapping, ids: readonly string[]): void {
    const rest = Object.fromEntries(Object.entries(node.values).filter(([name]) => !this.#isTakenOver(mapping, name)));
    const changed = this.#changedValues(node, mapping);
    const restCount = Object.keys(rest).length + (mapping.silent.length > 0 ? 0 : node.unnamed.length);
    this.#countValues(Object.keys(node.values).length + node.unnamed.length - restCount, restCount);
    const kept = { ...rest, ...changed };
    mapping.parts.forEach((part, index) => {
      const first = index === 0;
      this.#push(node, {
        ...this.#looks(node, ids[index]!, 60 * index),
        type: part.type,
        typeVersion: this.#definitions(part.type)?.version ?? 1,
        params: this.#knownParams(part),
        ...(first && node.title !== undefined ? { title: node.title } : {}),
        ...(first
          ? {
              comfyui: {
                id: node.id,
                class: node.type,
                ...(Object.keys(kept).length > 0 ? { values: kept } : {}),
                ...(Object.keys(node.overridden).length > 0 ? { overridden: node.overridden } : {}),
                ...(node.unnamed.length > 0 ? { unnamed: node.unnamed } : {}),
                ...(Object.keys(node.properties).length > 0 ? { properties: node.properties } : {}),
              },
            }
          : {}),
      });
    });
    const nodeId = ids[0];
    for (const note of mapping.notes ?? []) this.#notes.push({ ...note, ...(nodeId === undefined ? {} : { nodeId }) });
    this.#noteRest(node, mapping, rest, nodeId);
    this.#noteModels(node, mapping, ids);
  }

  /** Values that a param has in another form, as they were. */
  #changedValues(node: ComfyNode, mapping: Mapping): Fields {
    return Object.fromEntries(
      Object.entries(mapping.settings).flatMap(([widget, { part, param }]): [string, JsonValue][] => {
        const value = Object.hasOwn(node.values, widget) ? node.values[widget] : undefined;
        return value === undefined || value === mapping.parts[part]?.params[param] ? [] : [[widget, value]];
      }),
    );
  }

  #isTakenOver(mapping: Mapping, widget: string): boolean {
    const setting = Object.hasOwn(mapping.settings, widget) ? mapping.settings[widget] : undefined;
    const part = setting && mapping.parts[setting.part];
    return (
      part !== undefined && Object.hasOwn(part.params, setting!.param) && this.#hasParam(part.type, setting!.param)
    );
  }

  #hasParam(type: string, param: string): boolean {
    return this.#definitions(type)?.params.some(({ name }) => name === param) === true;
  }

  #knownParams({ type, params }: MappedPart): Record<string, JsonValue> {
    return Object.fromEntries(Object.entries(params).filter(([name]) => this.#hasParam(type, name)));
  }

  #noteRest(node: ComfyNode, mapping: Mapping, rest: Fields, nodeId: string | undefined): void {
    for (const [name, value] of Object.entries(rest)) {
      if (mapping.silent.includes(name) || value === null || name.startsWith("$$")) continue;
      const whole = JSON.stringify(value);
      const shown = whole.length > 80 ? `${whole.slice(0, 80)}…` : whole;
      this.#notes.push({
        code: "import-setting-kept",
        message: `${labelOf(node)} had ${name} set to ${shown}, which Heddle has no setting for.`,
        help: "The value is kept in the file. See whether the result is what you expect.",
        details: { nodeName: termOf(node), setting: name, value: shown },
        ...(nodeId === undefined ? {} : { nodeId }),
      });
    }
  }

  #noteModels(node: ComfyNode, mapping: Mapping, ids: readonly string[]): void {
    const sources = objectsOf(node.properties.models);
    mapping.parts.forEach((part, index) => {
      for (const param of this.#definitions(part.type)?.params ?? []) {
        const value = part.params[param.name];
        const names = param.kind === "loras" ? (parseLoras(value) ?? []).map(({ name }) => name) : [value];
        if (param.kind !== "model" && param.kind !== "loras") continue;
        const kind = param.kind === "model" ? param.modelKind : "lora";
        for (const name of names) {
          if (typeof name !== "string" || name === "") continue;
          const source = sources.find((entry) => baseName(textOf(entry.name)) === baseName(name)) ?? {};
          const url = textOf(source.url);
          const hash = textOf(source.hash);
          const hashType = textOf(source.hash_type);
          const directory = textOf(source.directory);
          this.#models.push({
            kind,
            name,
            nodeId: ids[index]!,
            param: param.name,
            ...(url === undefined ? {} : { url }),
            ...(hash === undefined ? {} : { hash }),
            ...(hashType === undefined ? {} : { hashType }),
            ...(directory === undefined ? {} : { directory }),
          });
        }
      }
    });
  }

  #addPlaceholder(node: ComfyNode, id: string): void {
    const count = Object.keys(node.values).length + node.unnamed.length;
    this.#countValues(0, count);
    const pack = packOf(node);
    this.#push(node, {
      ...this.#looks(node, id, 0),
      type: `${COMFYUI_PREFIX}${node.type}`.slice(0, 200),
      typeVersion: 1,
      ...(node.title === undefined ? {} : { title: node.title }),
      params: { ...node.values, ...(node.unnamed.length > 0 ? { widgets_values: node.unnamed } : {}) },
      ports: {
        inputs: this.#inputPorts(node),
        outputs: node.outputs.map(({ name, type }) => ({ name, type })),
      },
      comfyui: { id: node.id, class: node.type, node: node.raw },
    });
    const replacement = replacementFor(node);
    const from = pack === undefined ? "" : `, from the node pack "${pack}"`;
    this.#kept.push({
      nodeId: id,
      class: node.type,
      ...(node.title === undefined ? {} : { title: node.title }),
      ...(pack === undefined ? {} : { pack }),
      code: "import-no-equal",
      message: `Heddle has no equal for ${labelOf(node)}${from}. It is kept with its settings and links, and does not run.`,
      help: replacement.help,
      details: {
        ...(replacement.cause === undefined ? {} : { cause: replacement.cause }),
        nodeName: termOf(node),
      },
    });
  }

  #inputPorts(node: ComfyNode): { name: string; type: string }[] {
    const linked = this.#resolver.linksInto(node.id);
    const extra = [...linked.keys()].filter((name) => !node.inputs.some((input) => input.name === name));
    return [...node.inputs.map(({ name, type }) => ({ name, type })), ...extra.map((name) => ({ name, type: "*" }))];
  }

  #push({ scope, position, mode }: ComfyNode, node: WorkflowNode): void {
    this.#nodes.push({ node, scope, isPlaced: position !== undefined, modeInside: mode });
  }

  #looks(node: ComfyNode, id: string, offset: number): WorkflowNode {
    const { x, y } = node.position ?? { x: 0, y: 0 };
    return {
      id,
      type: "",
      typeVersion: 1,
      position: { x: x + offset, y: y + offset },
      params: {},
      mode: node.ownMode,
      ...(node.collapsed ? { collapsed: true } : {}),
      ...(node.color !== undefined && /^#[\da-f]{3,8}$/i.test(node.color) ? { color: node.color } : {}),
    };
  }

  #countValues(mapped: number, kept: number): void {
    this.#values.total += mapped + kept;
    this.#values.mapped += mapped;
    this.#values.kept += kept;
  }

  #addLinks(node: ComfyNode): void {
    const fate = this.#fates.get(node.id);
    if (fate?.kind === "placeholder") {
      for (const input of this.#resolver.linksInto(node.id).keys()) {
        this.#connect(node.id, input, { node: fate.id, port: input });
      }
    }
    if (fate?.kind !== "mapped") return;
    const { mapping, ids } = fate;
    mapping.parts.forEach((part, index) => {
      for (const [port, origin] of Object.entries(part.inputs)) {
        const to = { node: ids[index]!, port };
        if ("part" in origin)
          this.#links.push({ from: { node: ids[origin.part]!, port: origin.port }, to, crossings: [] });
        else this.#connect(origin.of ?? node.id, origin.input, to);
      }
    });
    this.#addSettingLinks(node, mapping, ids);
  }

  /** A setting that another node works out: the link goes to the param. */
  #addSettingLinks(node: ComfyNode, mapping: Mapping, ids: readonly string[]): void {
    for (const [widget, { part, param, isRead }] of Object.entries(mapping.settings)) {
      const source = this.#resolver.sourceInto(node.id, widget);
      if (source.kind !== "output") continue;
      const to = { node: ids[part]!, port: param };
      const definition = this.#definitions(mapping.parts[part]!.type);
      const hasInput = definition?.inputs.some(({ name }) => name === param) === true;
      const isKept = this.#fates.get(source.node)?.kind === "placeholder";
      const isNeeded = !mapping.silent.includes(widget);
      const takesLink = definition !== undefined && findInput(definition, param) !== undefined && !isRead;
      // What only a placeholder would work out has to keep the node from running with another value.
      if (hasInput || (isNeeded && (takesLink || isKept))) this.#connect(node.id, widget, to);
      if (hasInput || (isNeeded && takesLink && !isKept)) continue;
      this.#notes.push({
        code: "import-setting-linked",
        message: isKept
          ? `${labelOf(node)} got its ${widget} from another node, which Heddle has no equal for.`
          : `${labelOf(node)} got its ${widget} from another node, which says it in another form than Heddle needs.`,
        help: isNeeded && isKept ? "Delete the link and set the value." : "Set the value.",
        nodeId: to.node,
        field: param,
        details: {
          cause: !isKept ? "other-form" : isNeeded ? "no-equal-needed" : "no-equal",
          nodeName: termOf(node),
          setting: widget,
        },
      });
    }
  }

  /** Links a Heddle input to what an input of the ComfyUI node gets its value from. */
  #connect(nodeId: string, input: string, to: Port): void {
    const crossings: Crossing[] = [];
    const from = this.#portOf(this.#resolver.sourceInto(nodeId, input, crossings), crossings);
    if (!from) return;
    this.#linkedInputs.add(`${nodeId} ${input}`);
    this.#links.push({ from, to, crossings });
  }

  /** The Heddle output that stands for a source. */
  #portOf(source: Source, crossings: Crossing[], depth = 0): Port | undefined {
    if (source.kind === "nothing") return undefined;
    const slot = source.kind === "output" ? source.slot : 0;
    const fate = this.#fates.get(source.node);
    const outputs = this.#graph.nodes.get(source.node)?.outputs ?? [];
    if (fate?.kind === "placeholder") return { node: fate.id, port: outputs[slot]?.name ?? `output-${slot}` };
    if (fate?.kind !== "mapped") return undefined;
    const target = fate.mapping.outputs[slot];
    if (target && "passes" in target) {
      if (depth >= MAX_PASSES) return undefined;
      return this.#portOf(this.#resolver.sourceInto(source.node, target.passes, crossings), crossings, depth + 1);
    }
    // An output that Heddle's node does not have keeps its name, so that the link says what it was.
    if (!target) return { node: fate.ids[0]!, port: outputs[slot]?.name ?? `output-${slot}` };
    return { node: fate.ids[target.part]!, port: target.port };
  }

  /** Links of the file by what became of them; those that no link of the document stands for are to be kept. */
  #countLinks() {
    const counts = { total: this.#graph.links.length, mapped: 0, kept: 0, virtual: 0 };
    const dissolved: ComfyLink[] = [];
    for (const link of this.#graph.links) {
      const from = this.#fates.get(link.from.node)?.kind ?? "virtual";
      const to = this.#fates.get(link.to.node)?.kind ?? "virtual";
      const isDirect = from !== "virtual" && to !== "virtual";
      const isFirst = this.#resolver.linkInto(link.to.node, link.to.input) === link;
      const stands = isDirect && isFirst && this.#linkedInputs.has(`${link.to.node} ${link.to.input}`);
      if (!isDirect) counts.virtual++;
      else if (stands && from === "mapped" && to === "mapped") counts.mapped++;
      else counts.kept++;
      if (!stands) dissolved.push(link);
    }
    return { counts, dissolved };
  }

  #countNodes(): ImportReport["nodes"] {
    const kinds = [...this.#fates.values()].map(({ kind }) => kind);
    const count = (kind: Fate["kind"]) => kinds.filter((other) => other === kind).length;
    return {
      total: this.#graph.nodes.size,
      mapped: count("mapped"),
      kept: count("placeholder"),
      virtual: count("virtual"),
    };
  }

  /** The document's graphs: what was in subgraphs is in subgraphs again. */
  #pack(): PackedImport {
    const { nodes, frames, instances } = this.#graph;
    const outside = new PromotedPorts(this.#graph, this.#resolver, {
      insideOf: (nodeId, input) => this.#portsInside(nodeId, input),
      sourceOf: (source) => this.#portOf(source, []),
    });
    const flat = {
      ...{ nodes: this.#nodes, links: this.#links, frames },
      instances: new Map([...instances].map(([id, info]) => [id, { ...info, instance: nodes.get(id)! }])),
      promotedInputs: (id: string) => outside.inputs(id),
      promotedOutputs: (id: string) => outside.outputs(id),
    };
    return packSubgraphs(flat, this.#definitions);
  }

  /** What an input or a widget of a node is in the document. */
  #portsInside(nodeId: string, input: string): Port[] {
    const fate = this.#fates.get(nodeId);
    if (fate?.kind === "placeholder") {
      const isWidget = Object.hasOwn(this.#graph.nodes.get(nodeId)?.values ?? {}, input);
      return isWidget ? [] : [{ node: fate.id, port: input }];
    }
    if (fate?.kind !== "mapped") return [];
    const { mapping, ids } = fate;
    const setting = Object.hasOwn(mapping.settings, input) ? mapping.settings[input] : undefined;
    if (setting) return [{ node: ids[setting.part]!, port: setting.param }];
    return mapping.parts.flatMap((part, index) =>
      Object.entries(part.inputs)
        .filter(([, origin]) => "input" in origin && origin.input === input && (origin.of ?? nodeId) === nodeId)
        .map(([port]) => ({ node: ids[index]!, port })),
    );
  }

  #document(
    kind: DetectedComfyUi["kind"],
    wrapper: Fields,
    title: string,
    { nodes: placed, links, frames, subgraphs = [] }: PackedImport,
    dissolved: readonly ComfyLink[],
  ): Fields {
    const { nodes, instances, extra } = this.#graph;
    // What became a setting of others stands nowhere, either.
    const virtual = [...nodes.values()].filter(({ id }) => {
      const fate = this.#fates.get(id);
      return fate?.kind === "virtual" || (fate?.kind === "mapped" && fate.ids.length === 0);
    });
    const kept: Fields = {
      format: kind,
      ...(Object.keys(extra).length > 0 ? { file: extra } : {}),
      ...(Object.keys(wrapper).length > 0 ? { wrapper } : {}),
      ...(virtual.length > 0 ? { nodes: virtual.map(({ id, raw }) => ({ id, node: raw })) } : {}),
      ...(dissolved.length > 0
        ? { links: dissolved.map(({ id, from, to }) => [id, from.node, from.slot, to.node, to.input]) }
        : {}),
      ...(instances.size > 0
        ? {
            subgraphs: [...instances].map(([id, info]) => ({
              id,
              name: info.name,
              inputs: [...info.inputs],
              outputs: [...info.outputs],
            })),
          }
        : {}),
    };
    return {
      format: WORKFLOW_FORMAT,
      version: WORKFLOW_VERSION,
      title: title.slice(0, 500),
      nodes: placed as unknown as JsonValue,
      links: links as unknown as JsonValue,
      ...(frames ? { frames: frames as unknown as JsonValue } : {}),
      ...(subgraphs.length > 0 ? { subgraphs: subgraphs as unknown as JsonValue } : {}),
      ...documentModels(this.#models),
      comfyui: kept,
    };
  }
}

/** What the file says of the models, in the document's own words; only said, never followed. */
function documentModels(models: readonly ReferencedModel[]): Fields {
  const entries = new Map<string, WorkflowModel>();
  for (const { kind, name, url, hash, hashType } of models) {
    const sha256 = hash?.toLowerCase();
    const isSha256 = sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) && /^(sha-?256)?$/i.test(hashType ?? "");
    const place = url === undefined ? {} : (parseHubUrl(url) ?? (/^https:.{1,3990}$/.test(url) ? { url } : {}));
    const known = { ...place, ...(isSha256 ? { sha256 } : {}) };
    if (Object.keys(known).length > 0) entries.set(`${kind}\0${name}`, { kind, name, ...known });
  }
  return entries.size > 0 ? { models: [...entries.values()].slice(0, 2_000) as unknown as JsonValue } : {};
}

/** A node as people know it: its title, and its class where that says more. */
function labelOf(node: ComfyNode): string {
  return node.title === undefined ? node.type : `"${node.title}" (${node.type})`;
}

function termOf({ title, type }: ComfyNode): Term {
  return { term: "node", title: title ?? type, ...(title === undefined ? {} : { id: type }) };
}

function baseName(path: string | undefined): string | undefined {
  return path?.replaceAll("\\", "/").split("/").at(-1)?.toLowerCase();
}

function summaryOf(nodes: ImportReport["nodes"], kept: readonly KeptNode[]): string {
  const { total, mapped, virtual } = nodes;
  const first = `Of ${counted(total, "node")}, ${mapped} became Heddle nodes`;
  const second = virtual > 0 ? `, ${virtual} became links and settings of others` : "";
  if (kept.length === 0) return `${first}${second}. Nothing is missing.`;
  const packs = [...new Set(kept.flatMap(({ pack }) => (pack === undefined ? [] : [pack])))];
  const from = packs.length > 0 ? ` (node packs: ${packs.slice(0, 6).join(", ")}${packs.length > 6 ? ", …" : ""})` : "";
  return `${first}${second}, and ${kept.length} ${kept.length === 1 ? "is" : "are"} kept as ${kept.length === 1 ? "a placeholder" : "placeholders"} that cannot run${from}.`;
}
