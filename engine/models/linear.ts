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
    const { a, b, bias } = this.#loraInputs(module);
    const offset = bias === undefined ? undefined : this.#bias(module, bias);
    let product: Value;
    if (form.kind === "float") {
      const weight = graph.weight(this.#weights.get(`${path}.weight`, [outFeatures, inFeatures]));
      product = graph.op("Gemm", [x, weight, ...(offset === undefined ? [] : [offset])], { transB: 1 });
    } else {
      product = this.#forms.product(module, form, x);
      if (offset !== undefined) product = graph.op("Add", [product, offset]);
    }
    // As the addend of a Gemm the product is passed over once where there is no LoRA; MatMul and Add would take three passes.
    return graph.op("Gemm", [graph.op("MatMul", [x, a]), b, product]);
  }

  /** The stored bias with its differences: `[out]`. */
  #bias({ path, outFeatures }: LinearModule, differences: Value): Value {
    const graph = this.#graph;
    const difference = graph.op("ReduceSum", [differences, graph.ints([0])], { keepdims: 0 });
    return graph.op("Add", [graph.weight(this.#weights.get(`${path}.bias`, [outFeatures])), difference]);
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
