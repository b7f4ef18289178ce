import type { LoadableModel } from "../../runtime/session-pool.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { type ComponentPrecision, sessionKey } from "../component-precision.ts";
import type { LoraUpdates } from "../lora-feeds.ts";
import type { BlockForms } from "./block-emitter.ts";
import type { TransformerGraph } from "./graph.ts";

type SegmentGraph = TransformerGraph & LoadableModel;

/** A part of a model that has a session of its own. */
export interface Segment {
  /** Of the session. */
  readonly key: string;
  readonly graph: SegmentGraph;
}

type BuildSegment = (
  weights: WeightSet,
  forms: Required<Pick<BlockForms, "plan" | "integerAttention">>,
) => TransformerGraph;

/** The segments of one component under its precision, each built when it is first asked for. */
export class Segments {
  readonly #key: string;
  readonly #precision: ComponentPrecision;
  readonly #graphs = new Map<string, SegmentGraph>();
  /** Of the weights with LoRAs merged into them that were used last. */
  #merged: { readonly weights: WeightSet; readonly graphs: Map<string, SegmentGraph> } | undefined;

  /** @param component starts the keys of its sessions */
  constructor(component: string, precision: ComponentPrecision) {
    this.#key = `${component}/${sessionKey(precision)}`;
    this.#precision = precision;
  }

  /** Of the weights with LoRAs merged into them where these differ from the model's own. */
  get(name: string, { merged }: LoraUpdates, build: BuildSegment): Segment {
    const key = `${this.#key}/${name}`;
    const { plan, integerAttention = false } = this.#precision;
    const forms = { plan, integerAttention };
    const graph = this.#built(this.#graphs, name, () => build(this.#precision.weights, forms));
    if (merged === undefined || !graph.modules.some(({ path }) => merged.modules.has(path))) return { key, graph };
    const { weights } = merged;
    if (this.#merged?.weights !== weights) this.#merged = { weights, graphs: new Map() };
    const changed = this.#built(this.#merged.graphs, name, () => build(weights, forms));
    return { key: `${key}/${weights.fingerprint}`, graph: changed };
  }

  #built(graphs: Map<string, SegmentGraph>, name: string, build: () => TransformerGraph): SegmentGraph {
    const known = graphs.get(name);
    if (known !== undefined) return known;
    const { session } = this.#precision;
    const graph = { ...build(), ...(session && { settings: session }) };
    graphs.set(name, graph);
    return graph;
  }
}
