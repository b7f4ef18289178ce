import type { JsonValue, WorkflowDocument } from "./document.ts";

/** The order in which fields are written; others follow, by name. */
const FIELD_ORDER = [
  "$schema",
  "format",
  "version",
  "id",
  "type",
  "typeVersion",
  "title",
  "description",
  "mode",
  "collapsed",
  "color",
  "position",
  "size",
  "x",
  "y",
  "zoom",
  "width",
  "height",
  "from",
  "to",
  "node",
  "port",
  "params",
  "nodes",
  "links",
  "frames",
  "view",
];
const RANK = new Map(FIELD_ORDER.map((name, rank) => [name, rank]));
const LINE_WIDTH = 120;

/**
 * A workflow as text that makes readable diffs: the same document always gives the same text, small objects (a position,
 * one end of a link) stay on one line, every param has a line of its own. Ends with a line feed.
 */
export function serializeWorkflow(document: WorkflowDocument): string {
  return `${write(document as JsonValue, 0, "document")}\n`;
}

type Place = "document" | "params" | "value";

/** `depth` counts indents; `lead` is the width of what stands before the value on its line. */
function write(value: JsonValue, depth: number, place: Place, lead = depth * 2): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const items = Array.isArray(value)
    ? value.filter(isPresent).map((item) => ({ prefix: "", item, place: "value" as Place }))
    : sortedEntries(value, place).map(([key, item]) => ({
        prefix: `${JSON.stringify(key)}: `,
        item,
        place: (key === "params" && place === "value" ? "params" : "value") as Place,
      }));
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (items.length === 0) return open + close;
  if (place === "value" && isSmall(value)) {
    const inline = items.map(({ prefix, item }) => prefix + write(item, 0, "value", 0)).join(", ");
    const line = Array.isArray(value) ? `[${inline}]` : `{ ${inline} }`;
    if (lead + line.length < LINE_WIDTH) return line;
  }
  const indent = "  ".repeat(depth + 1);
  const lines = items.map(
    ({ prefix, item, place: inner }) => indent + prefix + write(item, depth + 1, inner, indent.length + prefix.length),
  );
  return `${open}\n${lines.join(",\n")}\n${"  ".repeat(depth)}${close}`;
}

/** Holds nothing but numbers and words: a position, one end of a link. */
function isSmall(value: object): boolean {
  return Object.values(value).every((item) => typeof item !== "object" || item === null);
}

function sortedEntries(value: { [key: string]: JsonValue }, place: Place): [string, JsonValue][] {
  const entries = Object.entries(value).filter(([, item]) => isPresent(item));
  const rank = (key: string) => (place === "params" ? undefined : RANK.get(key)) ?? FIELD_ORDER.length;
  return entries.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function isPresent(value: unknown): boolean {
  return value !== undefined;
}
