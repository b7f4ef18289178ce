import type { ImageBatch } from "../engine/types.ts";
import { isListValue, type ListAxis } from "../graph/execution/lists.ts";
import type { PortValues } from "../graph/execution/runner.ts";
import { requiredInput } from "./values.ts";

/** The pictures of a list at an input, a batch for each item; a plain batch is a list of one item. */
export function listedImages(
  inputs: PortValues,
  name: string,
): { axes: readonly ListAxis[]; cells: readonly ImageBatch[] } {
  const value = inputs[name];
  if (!isListValue(value)) return { axes: [], cells: [requiredInput(inputs, name, "image")] };
  return { axes: value.axes, cells: value.items.map((item) => requiredInput({ [name]: item }, name, "image")) };
}
