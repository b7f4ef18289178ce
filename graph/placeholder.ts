import type { WorkflowNode } from "./document.ts";

/** Types of nodes that stand for another program's nodes begin with this, followed by that program's name for them. */
export const COMFYUI_PREFIX = "comfyui/";

/** Whether a node only keeps what an import could not turn into a Heddle node. */
export function isPlaceholder({ type }: Pick<WorkflowNode, "type">): boolean {
  return type.startsWith(COMFYUI_PREFIX);
}

interface PlaceholderPort {
  name: string;
  type: string;
}

/** The ports that a placeholder says it has, as its importer wrote them down (`ports: { inputs, outputs }`). */
export function placeholderPorts(node: WorkflowNode): { inputs: PlaceholderPort[]; outputs: PlaceholderPort[] } {
  const { inputs, outputs } = (typeof node.ports === "object" && node.ports !== null ? node.ports : {}) as {
    inputs?: unknown;
    outputs?: unknown;
  };
  return { inputs: portsOf(inputs), outputs: portsOf(outputs) };
}

function portsOf(value: unknown): PlaceholderPort[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (port): port is PlaceholderPort =>
      typeof port === "object" && port !== null && typeof port.name === "string" && typeof port.type === "string",
  );
}
