import type { GraphBuilder, Value } from "../onnx/graph-builder.ts";
import type { Weights } from "./weights-of.ts";

/** A linear layer of a model, as LoRAs name it. */
export interface LinearModule {
  /** Path below the model's root, as in the checkpoint: `layers.0.attention.to_q`. */
  readonly path: string;
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly hasBias: boolean;
}

interface LoraValues {
  readonly a: Value;
  readonly b: Value;
  readonly bias?: Value;
}

export const loraInputs = (path: string): { a: string; b: string; bias: string } => ({
  a: `lora.${path}.a`,
  b: `lora.${path}.b`,
  bias: `lora.${path}.bias`,
});

/**
 * Emits linear layers with room for a LoRA: every layer takes two more graph inputs, A `[in, r]` and B `[r, out]` (strength
 * and alpha/rank folded into B), with r = 0 for "no LoRA"; a layer with a bias also takes differences to it, `[n, out]`, n = 0
 * for none. Switching or re-weighting LoRAs then needs no new session.
 */
export class LinearEmitter {
  readonly #graph: GraphBuilder;
  readonly #weights: Weights;
  readonly modules: LinearModule[] = [];
  readonly #inputs = new Map<string, LoraValues>();

  constructor(graph: GraphBuilder, weights: Weights) {
    this.#graph = graph;
    this.#weights = weights;
  }

  /** y = x Wᵀ + bias + (x A) B, for x `[rows, in]`; W is stored as `[out, in]`. */
  linear(path: string, x: Value, inFeatures: number, outFeatures: number, options: { bias: boolean }): Value {
    const graph = this.#graph;
    const { a, b, bias: biasDifferences } = this.#loraInputs({ path, inFeatures, outFeatures, hasBias: options.bias });
    const weight = graph.weight(this.#weights.get(`${path}.weight`, [outFeatures, inFeatures]));
    const update = graph.op("MatMul", [graph.op("MatMul", [x, a]), b]);
    if (biasDifferences === undefined) return graph.op("Gemm", [x, weight, update], { transB: 1 });
    const difference = graph.op("ReduceSum", [biasDifferences, graph.ints([0])], { keepdims: 0 });
    const bias = graph.op("Add", [graph.weight(this.#weights.get(`${path}.bias`, [outFeatures])), difference]);
    return graph.op("Gemm", [x, weight, graph.op("Add", [update, bias])], { transB: 1 });
  }

  /** A layer that runs twice in one graph has one pair of inputs. */
  #loraInputs(module: LinearModule): LoraValues {
    const known = this.#inputs.get(module.path);
    if (known !== undefined) return known;
    const names = loraInputs(module.path);
    const rank = `rank of ${module.path}`;
    const inputs = {
      a: this.#graph.input(names.a, "float32", [module.inFeatures, rank]),
      b: this.#graph.input(names.b, "float32", [rank, module.outFeatures]),
      ...(module.hasBias && {
        bias: this.#graph.input(names.bias, "float32", [`biases of ${module.path}`, module.outFeatures]),
      }),
    };
    this.modules.push(module);
    this.#inputs.set(module.path, inputs);
    return inputs;
  }
}
