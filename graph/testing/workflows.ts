import type { DefinitionLookup, NodeDefinition } from "../definition.ts";
import type { JsonValue, WorkflowDocument, WorkflowNode } from "../document.ts";

const plain = { version: 1, category: "utility", description: "For tests.", aliases: [], params: [] } as const;

/** A small family of nodes that stands for any other: numbers and texts instead of models and pictures. */
const definitions: NodeDefinition[] = [
  {
    ...plain,
    type: "constant",
    title: "Constant",
    inputs: [],
    outputs: [{ name: "value", type: "integer", label: "Value" }],
    params: [
      { kind: "integer", name: "value", label: "Value", default: 1, min: 0, max: 100, step: 1, multipleOf: 1 },
      { kind: "seed", name: "seed", label: "Seed", default: 0 },
      {
        kind: "choice",
        name: "mode",
        label: "Mode",
        default: "plain",
        options: [
          { value: "plain", label: "Plain" },
          { value: "fancy", label: "Fancy" },
        ],
      },
      {
        kind: "integer",
        name: "size",
        label: "Size",
        default: 16,
        min: 16,
        max: 64,
        step: 16,
        multipleOf: 16,
        visibleWhen: { param: "mode", equals: ["fancy"] },
      },
    ],
  },
  {
    ...plain,
    type: "add",
    title: "Add",
    inputs: [
      { name: "a", type: "number", label: "A" },
      { name: "b", type: "number", label: "B", optional: true },
    ],
    outputs: [{ name: "sum", type: "number", label: "Sum" }],
  },
  {
    ...plain,
    type: "words",
    title: "Words",
    inputs: [],
    outputs: [{ name: "text", type: "text", label: "Text" }],
    params: [
      { kind: "text", name: "text", label: "Text", default: "hello", minLength: 1, maxLength: 20 },
      { kind: "boolean", name: "loud", label: "Loud", default: false },
      { kind: "model", name: "voice", label: "Voice", default: "starter/voice", modelKind: "checkpoint" },
    ],
  },
  {
    ...plain,
    type: "show",
    title: "Show",
    inputs: [{ name: "value", type: "number", label: "Value" }],
    outputs: [],
    isOutput: true,
  },
  {
    ...plain,
    type: "say",
    title: "Say",
    inputs: [{ name: "text", type: "text", label: "Text" }],
    outputs: [],
    isOutput: true,
  },
  { ...plain, type: "remark", title: "Remark", inputs: [], outputs: [], isAnnotation: true },
];

export const testDefinitions: DefinitionLookup = (type) => definitions.find((definition) => definition.type === type);

type NodeOptions = Partial<Pick<WorkflowNode, "params" | "mode" | "title" | "typeVersion">> & { comfyui?: JsonValue };

/**
 * A document from short notation: `nodes: { three: "constant" }` or `[type, options]`, links as
 * `"three.value > show.value"`.
 */
export function workflow(
  nodes: Record<string, string | [string, NodeOptions]>,
  links: string[] = [],
): WorkflowDocument {
  return {
    format: "heddle-workflow",
    version: 1,
    title: "Test",
    nodes: Object.entries(nodes).map(([id, entry]) => {
      const [type, options] = typeof entry === "string" ? [entry, {}] : entry;
      return { id, type, typeVersion: 1, position: { x: 0, y: 0 }, params: {}, mode: "active" as const, ...options };
    }),
    links: links.map((link, index) => {
      const [from, to] = link.split(" > ").map((end) => {
        const [node = "", port = ""] = end.split(".");
        return { node, port };
      });
      return { id: `link-${index + 1}`, from: from!, to: to! };
    }),
  };
}
