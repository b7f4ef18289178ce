import type { GraphBuilder, Value } from "../onnx/graph-builder.ts";
import { linearForm, type PrecisionPlan } from "../precision/plan.ts";
import { LinearForms } from "./linear-forms.ts";
import type { LinearModule } from "./linear-module.ts";
import type { Weights } from "./weights-of.ts";

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
  readonly #plan: PrecisionPlan;
  readonly #forms: LinearForms;
  readonly modules: LinearModule[] = [];
  readonly #inputs = new Map<string, LoraValues>();

  /** @param weights hold the derived forms of layers that `plan` does not compute from the checkpoint's own. */
  constructor(graph: GraphBuilder, weights: Weights, plan: PrecisionPlan = "reference") {
    this.#graph = graph;
    this.#weights = weights;
    this.#plan = plan;
    this.#forms = new LinearForms(graph, weights);
  }

  /** y = x Wᵀ + bias + (x A) B, for x `[rows, in]`; W is stored as `[out, in]`. */
  linear(path: string, x: Value, inFeatures: number, outFeatures: number, options: { bias: boolean }): Value {
    const graph = this.#graph;
    const module = { path, inFeatures, outFeatures, hasBias: options.bias };
    const form = linearForm(this.#plan, path, inFeatures);
    const update = this.#update(module, x);
    if (form.kind !== "float") return graph.op("Add", [this.#forms.product(module, form, x), update]);
    const weight = graph.weight(this.#weights.get(`${path}.weight`, [outFeatures, inFeatures]));
    return graph.op("Gemm", [x, weight, update], { transB: 1 });
  }

  /** What is added to x Wᵀ: (x A) B, and the bias with its differences. */
  #update(module: LinearModule, x: Value): Value {
    const graph = this.#graph;
    const { a, b, bias: biasDifferences } = this.#loraInputs(module);
    const update = graph.op("MatMul", [graph.op("MatMul", [x, a]), b]);
    if (biasDifferences === undefined) return update;
    const difference = graph.op("ReduceSum", [biasDifferences, graph.ints([0])], { keepdims: 0 });
    const stored = graph.weight(this.#weights.get(`${module.path}.bias`, [module.outFeatures]));
    return graph.op("Add", [update, graph.op("Add", [stored, difference])]);
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
