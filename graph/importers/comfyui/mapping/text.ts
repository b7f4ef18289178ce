import type { JsonValue } from "../../../document.ts";
import type { ComfyNode } from "../graph.ts";
import type { InputOrigin, MappedPart, Mapping, MappingContext, MappingRule, Setting } from "./types.ts";

export const textRules: readonly MappingRule[] = [
  {
    classes: ["StringReplace"],
    map: (node, context) =>
      mapText(node, context, {
        to: "replace-text",
        texts: { text: "string" },
        params: { find: "find", replacement: "replace" },
      }),
  },
  {
    classes: ["StringConcatenate"],
    map: (node, context) =>
      mapText(node, context, {
        to: "join-text",
        texts: { a: "string_a", b: "string_b" },
        params: { separator: "delimiter" },
      }),
  },
];

interface TextMapping {
  to: string;
  /** Heddle input: ComfyUI widget, which may hold the text itself or have a link. */
  texts: Readonly<Record<string, string>>;
  /** Heddle param: ComfyUI widget. */
  params: Readonly<Record<string, string>>;
}

/** Texts come in over links in Heddle; one that was typed in becomes a Text node. */
function mapText(node: ComfyNode, context: MappingContext, { to, texts, params }: TextMapping): Mapping {
  const typed: MappedPart[] = [];
  const settings: Record<string, Setting> = {};
  const inputs: Record<string, InputOrigin> = {};
  for (const [port, widget] of Object.entries(texts)) {
    const value = node.values[widget];
    if (context.sourceOf(node.id, widget) || value === undefined) {
      inputs[port] = { input: widget };
    } else {
      typed.push({ type: "text", params: { text: value }, inputs: {} });
      inputs[port] = { part: typed.length, port: "value" };
      settings[widget] = { part: typed.length, param: "text" };
    }
  }
  const own: Record<string, JsonValue> = {};
  for (const [param, widget] of Object.entries(params)) {
    settings[widget] = { part: 0, param };
    const value = node.values[widget];
    if (value !== undefined) own[param] = value;
  }
  return {
    parts: [{ type: to, params: own, inputs }, ...typed],
    outputs: [{ part: 0, port: "text" }],
    settings,
    // Under a link, what the widget last held has no effect.
    silent: Object.values(texts),
  };
}
