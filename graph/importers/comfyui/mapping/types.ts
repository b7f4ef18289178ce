import type { JsonValue } from "../../../document.ts";
import type { ImportNote } from "../../report.ts";
import type { ComfyNode } from "../graph.ts";

/** How nodes of one or more of ComfyUI's classes become Heddle nodes. */
export interface MappingRule {
  readonly classes: readonly string[];
  /** `undefined` when this node, as it is set and linked, has no equal: it stays as a placeholder. */
  readonly map: (node: ComfyNode, context: MappingContext) => Mapping | undefined;
}

export interface MappingContext {
  /** The node that feeds an input, once reroutes and the like are passed through. */
  sourceOf(nodeId: string, input: string): { node: ComfyNode; slot: number } | undefined;
  /** The nodes that a node feeds, likewise. */
  usersOf(nodeId: string): readonly ComfyNode[];
}

export interface Mapping {
  /** The first one takes over the node's id and title. */
  readonly parts: readonly MappedPart[];
  /** What each output of the ComfyUI node is now. */
  readonly outputs: readonly OutputTarget[];
  /** Which param a widget became, by widget name. */
  readonly settings: Readonly<Record<string, Setting>>;
  /** Widgets whose value has no effect in Heddle (or is the only one that Heddle has): kept without a word. */
  readonly silent: readonly string[];
  /** Nodes that only told this one what to do (a noise source, a guider). */
  readonly absorbs?: readonly string[];
  readonly notes?: readonly Omit<ImportNote, "nodeId">[];
}

export interface Setting {
  readonly part: number;
  readonly param: string;
  /** The param has the value in another form (another unit, other words), so that no link can bring it. */
  readonly isRead?: boolean;
}

export interface MappedPart {
  readonly type: string;
  readonly params: Readonly<Record<string, JsonValue>>;
  /** Where each input of the Heddle node gets its link from. */
  readonly inputs: Readonly<Record<string, InputOrigin>>;
}

/** An input of the ComfyUI node (or of the node `of`), or another part's output. */
export type InputOrigin =
  | { readonly input: string; readonly of?: string }
  | { readonly part: number; readonly port: string };

/** A part's output, or whatever feeds an input (the node passes it on unchanged); `undefined`: Heddle has no such output. */
export type OutputTarget = { readonly part: number; readonly port: string } | { readonly passes: string } | undefined;
