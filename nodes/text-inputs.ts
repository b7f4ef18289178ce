import { HeddleError } from "../common/errors.ts";
import type { PortValues } from "../graph/execution/runner.ts";

/** What a linked input says as text: text as it is, numbers and truth values as people write them. */
export function optionalText(inputs: PortValues, name: string): string | undefined {
  const value = inputs[name];
  if (value === undefined || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new HeddleError({
    code: "input-wrong-kind",
    message: `What is linked to "${name}" cannot be written as text.`,
    help: "Link text, a number, or a truth value to it.",
    field: name,
    details: { cause: "text", input: name },
  });
}
