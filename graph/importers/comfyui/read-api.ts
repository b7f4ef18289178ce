import type { JsonValue } from "../../document.ts";
import { type Fields, fieldsOf, idOf, indexOf, isFields, textOf } from "../fields.ts";
import type { ComfyGraph, ComfyLink, ComfyNode } from "./graph.ts";
import { typeOf } from "./read-node.ts";

/** Reads the API format: nodes by id, each with its class and its inputs; a pair `[id, slot]` is a link. */
export function readApiGraph(file: Fields, extra: Fields): ComfyGraph {
  const nodes = new Map<string, ComfyNode>();
  const links: ComfyLink[] = [];
  const others: Fields = {};
  for (const [id, raw] of Object.entries(file)) {
    if (!isFields(raw) || raw.class_type === undefined) {
      others[id] = raw;
      continue;
    }
    const values: Record<string, JsonValue> = {};
    const linked: string[] = [];
    for (const [name, value] of Object.entries(fieldsOf(raw.inputs))) {
      const from = linkSource(value, file);
      if (from) {
        linked.push(name);
        links.push({ id: `${id}.${name}`.slice(0, 200), from, to: { node: id, input: name } });
      } else {
        // A value that looks like a link is wrapped by the editor, so that it is not taken for one.
        values[name] = isFields(value) && Array.isArray(value.__value__) ? value.__value__ : value;
      }
    }
    const type = typeOf(raw.class_type);
    const title = textOf(fieldsOf(raw._meta).title);
    nodes.set(id, {
      id,
      type,
      ...(title === undefined || title === type ? {} : { title: title.slice(0, 500) }),
      scope: "",
      mode: "active",
      ownMode: "active",
      collapsed: false,
      inputs: linked.map((name) => ({ name, type: "*" })),
      outputs: [],
      values,
      unnamed: [],
      overridden: {},
      properties: {},
      raw,
    });
  }
  const kept = Object.keys(others).length > 0 ? { ...extra, otherEntries: others } : extra;
  return { nodes, links, frames: [], instances: new Map(), extra: kept, oddities: [] };
}

function linkSource(value: JsonValue, file: Fields): { node: string; slot: number } | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const node = idOf(value[0]);
  const slot = indexOf(value[1]);
  return node !== undefined && slot !== undefined && Object.hasOwn(file, node) ? { node, slot } : undefined;
}
