import { HeddleError } from "../../common/errors.ts";
import type { NodeDefinition } from "../definition.ts";
import type { JsonValue } from "../document.ts";
import { paramTermOf } from "../problem-terms.ts";
import { checkValue } from "../validate-values.ts";
import { parseSeed } from "../values.ts";
import type { ParamValues, PortValues } from "./runner.ts";

/**
 * A node's params as it runs: what is linked in under the name of a param takes its place.
 * @throws HeddleError what is wrong with a linked value, as for one that was typed in
 */
export function withLinkedParams(definition: NodeDefinition, params: ParamValues, inputs: PortValues): ParamValues {
  const linked = definition.params.flatMap((param): [string, JsonValue][] => {
    if (inputs[param.name] === undefined) return [];
    const value = inputs[param.name] as JsonValue;
    const problem = checkValue(param, value, `The value linked to "${param.label}"`, () => ({
      term: "linked-value",
      param: paramTermOf(definition, param),
    }));
    if (problem) throw new HeddleError({ ...problem, field: param.name });
    return [[param.name, param.kind === "seed" ? String(parseSeed(value)) : value]];
  });
  return { ...params, ...Object.fromEntries(linked) };
}
