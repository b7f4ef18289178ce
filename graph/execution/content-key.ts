import { createHash } from "node:crypto";
import type { JsonValue } from "../document.ts";
import type { PlannedNode } from "../plan.ts";
import { readParams, visibleParams } from "../values.ts";

/**
 * The key under which a node's result is cached: SHA-256 (hex) over everything that the result depends on. Equal keys
 * mean equal results, also across workflows, node ids and runs. Hidden params do not count.
 */
export function contentKey(
  planned: PlannedNode,
  dependencies: {
    /** Content keys of what the inputs are given, by their names. */
    inputs: Readonly<Record<string, string>>;
    fingerprint: string;
    /** Set where nodes that are set alike are not alike: two Save Image nodes must both save, two lists are two axes. */
    scope?: string;
  },
): string {
  const { definition, node } = planned;
  const params = readParams(definition, node);
  // A linked value may show params that the typed one hides: then all of them count.
  const isOpen = definition.params.some(({ visibleWhen }) => visibleWhen && visibleWhen.param in planned.inputs);
  const counting = isOpen ? definition.params : visibleParams(definition, node.params);
  const content: JsonValue = {
    type: definition.type,
    version: definition.version,
    params: Object.fromEntries(
      // What a linked param would be without its link changes nothing.
      counting.filter(({ name }) => !(name in planned.inputs)).map(({ name }) => [name, params[name] ?? null]),
    ),
    inputs: { ...dependencies.inputs },
    fingerprint: dependencies.fingerprint,
    scope: dependencies.scope ?? "",
  };
  return createHash("sha256").update(canonicalJson(content)).digest("hex");
}

/** JSON with sorted keys: the same for equal values. */
function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`);
  return `{${entries.join(",")}}`;
}
