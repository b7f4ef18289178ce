import type { ModelKind } from "../definition.ts";
import type { JsonValue } from "../document.ts";

/** What became of a workflow that another program made: counts for programs, sentences for people. */
export interface ImportReport {
  format: "heddle" | "comfyui" | "comfyui-api" | "a1111" | "fal" | "runware";
  /** The whole report in two or three sentences. */
  summary: string;
  /**
   * `mapped`: became Heddle nodes. `kept`: stand as placeholders with all their data. `virtual`: existed only in the
   * other editor, or told another node what to do, and ended as its links and settings.
   */
  nodes: { total: number; mapped: number; kept: number; virtual: number };
  /** Links between mapped nodes; links of placeholders; links that went through virtual nodes, kept beside the workflow. */
  links: { total: number; mapped: number; kept: number; virtual: number };
  /** Settings: taken over, or kept beside the node as they were. */
  values: { total: number; mapped: number; kept: number };
  kept: KeptNode[];
  notes: ImportNote[];
  models: ReferencedModel[];
}

/** A node that Heddle has no equal for. */
export interface KeptNode {
  nodeId: string;
  /** The other program's name for this kind of node. */
  class: string;
  title?: string;
  /** The node pack it comes from, when the file says so or the name gives it away. */
  pack?: string;
  code: string;
  message: string;
  /** What would replace it. */
  help: string;
  details: Record<string, unknown>;
}

/** What people should know of what was taken over, in the form of a problem: interfaces say it in their own language. */
export interface ImportNote {
  code: string;
  message: string;
  help: string;
  nodeId?: string;
  /** The Heddle param it is about. */
  field?: string;
  details?: Record<string, unknown>;
}

/** A model file that the workflow names, with what it says about where to get it; untrusted, for people to decide on. */
export interface ReferencedModel {
  kind: ModelKind;
  name: string;
  nodeId: string;
  param: string;
  url?: string;
  hash?: string;
  hashType?: string;
  directory?: string;
  [more: string]: JsonValue | undefined;
}

/** "3 nodes", "1 node". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
