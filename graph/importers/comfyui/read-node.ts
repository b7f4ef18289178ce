import type { JsonValue, NodeMode } from "../../document.ts";
import { type Fields, fieldsOf, idOf, isFields, numberOf, objectsOf, textOf } from "../fields.ts";
import { Names } from "../names.ts";
import type { ComfyNode, ComfyPort } from "./graph.ts";
import { nameWidgetValues } from "./widgets.ts";

/** A node of the editor's format; `undefined` when it has no id. `prefix` goes before its id ("57:"). */
export function readUiNode(raw: Fields, prefix: string): ComfyNode | undefined {
  const id = idOf(raw.id);
  if (id === undefined) return undefined;
  const type = typeOf(raw.type);
  const inputs = objectsOf(raw.inputs);
  const position = pair(raw.pos);
  const size = pair(raw.size);
  const title = textOf(raw.title);
  const color = textOf(raw.bgcolor) ?? textOf(raw.color);
  return {
    id: prefix + id,
    type,
    ...(title === undefined || title === type ? {} : { title: title.slice(0, 500) }),
    scope: prefix.slice(0, -1),
    mode: modeOf(raw.mode),
    ownMode: modeOf(raw.mode),
    ...(position ? { position: { x: position[0], y: position[1] } } : {}),
    ...(size && size[0] > 0 && size[1] > 0 ? { size: { width: size[0], height: size[1] } } : {}),
    collapsed: fieldsOf(raw.flags).collapsed === true,
    ...(color === undefined ? {} : { color: color.slice(0, 50) }),
    inputs: uniquePorts(inputs, "input"),
    outputs: uniquePorts(objectsOf(raw.outputs), "output"),
    ...nameWidgetValues(type, raw.widgets_values, inputs),
    overridden: {},
    properties: fieldsOf(raw.properties),
    raw,
  };
}

/** Class names are text, but lists and numbers have been seen. */
export function typeOf(value: JsonValue | undefined): string {
  return typeof value === "string" && value !== "" ? value : value === undefined ? "unknown" : JSON.stringify(value);
}

/** LiteGraph's numbers: 0 always, 1 on event, 2 never, 3 on trigger, 4 bypass. */
function modeOf(value: JsonValue | undefined): NodeMode {
  return value === 2 ? "muted" : value === 4 ? "bypassed" : "active";
}

/** `[1, 2]` or `{ "0": 1, "1": 2 }`. */
export function pair(value: JsonValue | undefined): [number, number] | undefined {
  const [first, second] = Array.isArray(value) ? value : isFields(value) ? [value["0"], value["1"]] : [];
  const x = numberOf(first);
  const y = numberOf(second);
  return x === undefined || y === undefined ? undefined : [x, y];
}

/** Ports with names that are there and differ: nameless and repeated ones are numbered. */
export function uniquePorts(ports: readonly Fields[], kind: "input" | "output"): ComfyPort[] {
  const names = new Names();
  return ports.map((port, slot) => {
    const base = (textOf(port.name) ?? `${kind}-${slot}`).slice(0, 180);
    return {
      name: names.take(base),
      type: Array.isArray(port.type) ? "COMBO" : typeof port.type === "string" && port.type ? port.type : "*",
    };
  });
}
