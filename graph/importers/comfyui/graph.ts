import type { JsonValue, NodeMode } from "../../document.ts";
import type { Fields } from "../fields.ts";
import type { ImportNote } from "../report.ts";

/**
 * A ComfyUI workflow, whichever format it came in, with its subgraphs opened out: what the mapping works on.
 * Node ids are text; nodes of a subgraph are named after its instance: "57:3". `packSubgraphs` puts them back.
 */
export interface ComfyGraph {
  readonly nodes: Map<string, ComfyNode>;
  readonly links: ComfyLink[];
  readonly frames: ComfyFrame[];
  /** Subgraph definitions by the id of each of their instances. */
  readonly instances: Map<string, SubgraphInfo>;
  /** What the file has besides nodes and links, to be kept. */
  readonly extra: Fields;
  /** Sentences for people about what was odd in the file. */
  readonly oddities: ImportNote[];
}

export interface ComfyPort {
  readonly name: string;
  /** ComfyUI's type name: "MODEL", "INT", "*". */
  readonly type: string;
}

export interface ComfyNode {
  readonly id: string;
  readonly type: string;
  readonly title?: string;
  /** The instance of a subgraph that it is in, by its id; "" for none. */
  readonly scope: string;
  /** As it works: what is in a muted or bypassed subgraph is muted. */
  mode: NodeMode;
  /** As it is set itself. */
  readonly ownMode: NodeMode;
  readonly position?: { x: number; y: number };
  readonly size?: { width: number; height: number };
  readonly collapsed: boolean;
  readonly color?: string;
  /** Names are unique within the node. */
  readonly inputs: ComfyPort[];
  readonly outputs: ComfyPort[];
  /** Values of widgets (and of inputs that a constant is linked to) by name. */
  readonly values: Record<string, JsonValue>;
  /** What widgets held before a constant that is linked to them, or a subgraph's outside, took their place. */
  readonly overridden: Record<string, JsonValue>;
  /** Values of widgets whose names nobody knows, in order. */
  readonly unnamed: JsonValue[];
  readonly properties: Fields;
  /** The node as it stands in the file. */
  readonly raw: Fields;
}

export interface ComfyLink {
  readonly id: string;
  readonly from: { readonly node: string; readonly slot: number };
  readonly to: { readonly node: string; readonly input: string };
}

export interface ComfyFrame {
  readonly scope: string;
  readonly title: string;
  readonly position: { x: number; y: number };
  readonly size: { width: number; height: number };
  readonly color?: string;
}

export interface SubgraphInfo {
  readonly name: string;
  /** Names in the order of the boundary's slots. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** What the editor shows in place of these names, slot by slot. */
  readonly labels: Readonly<Record<"inputs" | "outputs", readonly (string | undefined)[]>>;
}

/** Boundary nodes of a subgraph: where its inputs come in and where its outputs leave. */
export const SUBGRAPH_INPUT = "-10";
export const SUBGRAPH_OUTPUT = "-20";

/** Names of a boundary's ports, as links into it are written. */
export const boundaryPort = (slot: number): string => `slot-${slot}`;

/** Sets a widget's value from outside of the node, and remembers what it was. */
export function override({ values, overridden }: ComfyNode, name: string, value: JsonValue): void {
  const before = Object.hasOwn(values, name) ? values[name] : undefined;
  if (before !== undefined && before !== value && !Object.hasOwn(overridden, name)) overridden[name] = before;
  values[name] = value;
}
