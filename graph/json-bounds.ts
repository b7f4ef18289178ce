import { HeddleError } from "../common/errors.ts";

/** Far more than a workflow of 20,000 nodes needs, little enough to check in a second. */
const MAX_VALUES = 3_000_000;
const MAX_DEPTH = 64;

/**
 * Makes sure that untrusted input is bounded, acyclic JSON before anything recursive looks at it.
 * @throws HeddleError `workflow-too-large`, `workflow-too-deep`, `workflow-invalid` (keys that would change an object's prototype)
 */
export function checkJsonBounds(input: unknown): void {
  const waiting: { value: unknown; depth: number }[] = [{ value: input, depth: 0 }];
  let count = 0;
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    if (typeof item.value !== "object" || item.value === null) continue;
    if (item.depth > MAX_DEPTH) {
      throw new HeddleError({
        code: "workflow-too-deep",
        message: `The workflow is nested more than ${MAX_DEPTH} levels deep.`,
        help: "This is no file that Heddle wrote. Open another one.",
        details: { levels: MAX_DEPTH },
      });
    }
    if (Object.hasOwn(item.value, "__proto__")) {
      throw new HeddleError({
        code: "workflow-invalid",
        message: 'The workflow has a field named "__proto__".',
        help: "This is no file that Heddle wrote. Open another one, or delete that field.",
        details: { cause: "forbidden-field" },
      });
    }
    const values: unknown[] = Array.isArray(item.value) ? item.value : Object.values(item.value);
    count += values.length;
    if (count > MAX_VALUES) {
      throw new HeddleError({
        code: "workflow-too-large",
        message: `The workflow holds more than ${MAX_VALUES.toLocaleString("en")} values.`,
        help: "Split it into several workflows.",
        details: { cause: "values", limit: MAX_VALUES.toLocaleString("en") },
      });
    }
    for (const value of values) waiting.push({ value, depth: item.depth + 1 });
  }
}
