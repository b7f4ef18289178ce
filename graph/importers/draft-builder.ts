import type { DefinitionLookup } from "../definition.ts";
import {
  type JsonValue,
  WORKFLOW_FORMAT,
  WORKFLOW_VERSION,
  type WorkflowDocument,
  type WorkflowLink,
  type WorkflowNode,
} from "../document.ts";
import { parseWorkflow } from "../parse.ts";
import { columnLayout } from "./column-layout.ts";
import type { ReferencedModel } from "./report.ts";

export interface Draft {
  document: WorkflowDocument;
  models: ReferencedModel[];
}

/** An output of a node. */
export interface End {
  node: string;
  port: string;
}

/** Puts nodes and links together to a workflow, which it lays out in columns. */
export class DraftBuilder {
  readonly #definitions: DefinitionLookup;
  readonly #nodes: WorkflowNode[] = [];
  readonly #links: WorkflowLink[] = [];

  constructor(definitions: DefinitionLookup) {
    this.#definitions = definitions;
  }

  /** A node with all of its params: those given, the rest at their defaults. */
  add(id: string, type: string, params: Record<string, JsonValue>, title?: string): void {
    const definition = this.#definitions(type);
    const defaults = Object.fromEntries(
      (definition?.params ?? []).map((param) => [param.name, param.default as JsonValue]),
    );
    this.#nodes.push({
      id,
      type,
      typeVersion: definition?.version ?? 1,
      position: { x: 0, y: 0 },
      params: { ...defaults, ...params },
      mode: "active",
      ...(title === undefined ? {} : { title }),
    });
  }

  link(from: End, node: string, port: string): void {
    this.#links.push({ id: `${from.node}.${from.port}-${node}.${port}`, from: { ...from }, to: { node, port } });
  }

  /** A node that changes the model on its way. */
  chain(id: string, type: string, params: Record<string, JsonValue>, model: End): End {
    this.add(id, type, params);
    this.link(model, id, "model");
    return { node: id, port: "model" };
  }

  finish(title: string, origin: Record<string, JsonValue>): Draft {
    const document = {
      format: WORKFLOW_FORMAT,
      version: WORKFLOW_VERSION,
      title: title.slice(0, 500),
      nodes: columnLayout(this.#nodes, this.#links),
      links: this.#links,
      ...origin,
    };
    return { document: parseWorkflow(document).document, models: this.#models() };
  }

  #models(): ReferencedModel[] {
    return this.#nodes.flatMap(({ id, type, params }) =>
      (this.#definitions(type)?.params ?? []).flatMap((param) => {
        const name = params[param.name];
        return param.kind === "model" && typeof name === "string" && name !== ""
          ? [{ kind: param.modelKind, name, nodeId: id, param: param.name }]
          : [];
      }),
    );
  }
}
