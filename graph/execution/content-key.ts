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
    /** Content keys of the nodes that the inputs come from, by node id. */
    keys: ReadonlyMap<string, string>;
    fingerprint: string;
    /** Set for nodes with an effect: two Save Image nodes that are set alike must both save. */
    scope?: string;
  },
): string {
  const { definition, node } = planned;
  const params = readParams(definition, node);
  const content: JsonValue = {
    type: definition.type,
    version: definition.version,
    params: Object.fromEntries(visibleParams(definition, node.params).map(({ name }) => [name, params[name] ?? null])),
    inputs: Object.fromEntries(
      Object.entries(planned.inputs).map(([name, source]) => [
        name,
        [dependencies.keys.get(source.node) ?? "", source.port],
      ]),
    ),
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
