import { HeddleError } from "../../common/errors.ts";
import type { TensorInfo } from "../weights/tensor.ts";
import type { WeightSet } from "../weights/weight-set.ts";

/** Looks tensors up by name and checks their shapes, so that a wrong checkpoint is a clear error and not a bad graph. */
export class Weights {
  readonly #set: WeightSet;
  /** Names that were asked for. */
  readonly used = new Set<string>();

  constructor(set: WeightSet) {
    this.#set = set;
  }

  has(name: string): boolean {
    return this.#set.tensors.has(name);
  }

  /** @throws HeddleError `tensor-missing`, or `tensor-shape` when the shape is not `shape`. */
  get(name: string, shape: readonly number[]): TensorInfo {
    const tensor = this.#set.tensors.get(name);
    if (tensor === undefined) {
      throw new HeddleError({
        code: "tensor-missing",
        message: `The weights in "${this.#set.path}" lack the tensor "${name}".`,
        help: "The file is incomplete or made for another model. Download it again, or choose another file.",
        details: { path: this.#set.path, tensor: name },
      });
    }
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
      const [found, needed] = [`[${tensor.shape.join(", ")}]`, `[${shape.join(", ")}]`];
      throw new HeddleError({
        code: "tensor-shape",
        message: `The tensor "${name}" in "${this.#set.path}" is ${found} where ${needed} is needed.`,
        help: "The weights and the configuration beside them do not belong together. Download the model again.",
        details: { path: this.#set.path, tensor: name, found, needed },
      });
    }
    this.used.add(name);
    return tensor;
  }
}
