import type { JsonValue } from "../../document.ts";
import { type Fields, fieldsOf, isFields } from "../fields.ts";
import { parseLenientJson } from "../lenient-json.ts";

export interface DetectedComfyUi {
  /** `ui`: the editor's format. `api`: what ComfyUI runs. */
  kind: "ui" | "api";
  file: Fields;
  /** What was around the workflow, to be kept. */
  wrapper: Fields;
}

/**
 * Whether a value is a ComfyUI workflow: in the editor's format, in the API format, or either of these inside an object
 * that names it `workflow` or `prompt` (a request, a picture's metadata). The editor's format says more and comes first.
 */
export function detectComfyUi(input: JsonValue, depth = 0): DetectedComfyUi | undefined {
  const value = typeof input === "string" ? parsedText(input) : input;
  if (!isFields(value)) return undefined;
  if (isUi(value)) return { kind: "ui", file: value, wrapper: {} };
  if (isApi(value)) return { kind: "api", file: value, wrapper: {} };
  if (depth >= 3) return undefined;
  const fromRequest = fieldsOf(fieldsOf(value.extra_data).extra_pnginfo).workflow;
  for (const [key, inner] of [
    ["workflow", value.workflow ?? fromRequest],
    ["prompt", value.prompt],
  ] as const) {
    const found = inner === undefined ? undefined : detectComfyUi(inner, depth + 1);
    if (!found) continue;
    const { [key]: _inner, ...around } = value;
    const { extra_data: _request, ...rest } = around;
    return {
      ...found,
      wrapper: { ...found.wrapper, ...(value.workflow === undefined && key === "workflow" ? rest : around) },
    };
  }
  return undefined;
}

/** Nodes with classes; a Heddle document names its format. */
function isUi(value: Fields): boolean {
  if (!Array.isArray(value.nodes) || typeof value.format === "string") return false;
  if ("last_node_id" in value || "last_link_id" in value || isFields(value.state)) return true;
  const nodes = value.nodes.filter(isFields);
  if (nodes.length === 0) return Array.isArray(value.links) && typeof value.version === "number";
  return nodes.every((node) => "type" in node && "id" in node) && Array.isArray(value.links);
}

function isApi(value: Fields): boolean {
  const entries = Object.values(value);
  const nodes = entries.filter((entry) => isFields(entry) && typeof entry.class_type === "string");
  return nodes.length > 0 && nodes.length * 2 > entries.length;
}

function parsedText(text: string): JsonValue | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    return parseLenientJson(text);
  } catch {
    return undefined;
  }
}
