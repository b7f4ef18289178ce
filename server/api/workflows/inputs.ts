import type { DefinitionLookup, ParamDefinition } from "../../../graph/definition.ts";
import type { JsonValue, WorkflowDocument } from "../../../graph/document.ts";
import { withSubgraphs } from "../../../graph/subgraphs/lookup.ts";
import { checkValue } from "../../../graph/validate-values.ts";
import { readParam, visibleParams } from "../../../graph/values.ts";

/** A setting of a workflow that callers may give. */
export interface WorkflowInput {
  name: string;
  nodeId: string;
  param: ParamDefinition;
  description: string;
  /** What the workflow has when nobody says anything. */
  default: JsonValue;
}

/**
 * The inputs of a workflow: those that its field `exposed` lists, under their names; without it every setting, as
 * `node.param`. In both cases only settings that count: what is typed where a link goes in would change nothing.
 */
export function inputsOf(document: WorkflowDocument, known: DefinitionLookup): WorkflowInput[] {
  const definitions = withSubgraphs(document, known);
  const linked = new Set(document.links.map(({ to }) => `${to.node}\n${to.port}`));
  const all = document.nodes.flatMap((node) => {
    const definition = definitions(node.type);
    if (!definition || definition.isAnnotation || node.mode !== "active") return [];
    const typed = visibleParams(definition, node.params).filter(({ name }) => !linked.has(`${node.id}\n${name}`));
    return typed.map((param): WorkflowInput => {
      const title = node.title ?? definition.title;
      return {
        name: `${node.id}.${param.name}`,
        nodeId: node.id,
        param,
        description: `${title}: ${param.label}${param.description ? `. ${param.description}` : ""}`,
        default: readParam(node.params, param),
      };
    });
  });
  if (!document.exposed) return all;
  return document.exposed.flatMap(({ node, param, name, label, description }) => {
    const input = all.find(({ nodeId, param: { name: own } }) => nodeId === node && own === param);
    const words = description ?? label ?? input?.description ?? "";
    return input ? [{ ...input, name: name ?? input.name, description: words }] : [];
  });
}

export interface InputProblem {
  input: string;
  code: string;
  message: string;
  help: string;
}

/** The workflow with what a caller gave, or everything that is wrong with that. */
export function applyInputs(
  document: WorkflowDocument,
  inputs: readonly WorkflowInput[],
  values: Readonly<Record<string, JsonValue>>,
): { document: WorkflowDocument } | { problems: InputProblem[] } {
  const changed = structuredClone(document);
  const nodes = new Map(changed.nodes.map((node) => [node.id, node]));
  const problems: InputProblem[] = [];
  for (const [name, value] of Object.entries(values)) {
    const input = inputs.find((one) => one.name === name);
    if (!input) {
      const known = inputs.map((one) => one.name).join(", ");
      problems.push({
        input: name,
        code: "unknown-input",
        message: `There is no input "${name}".`,
        help: `There are: ${known}.`,
      });
      continue;
    }
    const problem = checkValue(input.param, value, name);
    if (problem) problems.push({ input: name, code: problem.code, message: problem.message, help: problem.help });
    else nodes.get(input.nodeId)!.params[input.param.name] = value;
  }
  return problems.length > 0 ? { problems } : { document: changed };
}

/** JSON Schema of an input's value. */
export function schemaOfInput({ param, description, default: value }: WorkflowInput): Record<string, JsonValue> {
  const common = { description, default: value };
  switch (param.kind) {
    case "number":
    case "integer": {
      const multiple: Record<string, JsonValue> =
        param.multipleOf === undefined ? {} : { multipleOf: param.multipleOf };
      return { type: param.kind, minimum: param.min, maximum: param.max, ...multiple, ...common };
    }
    case "seed":
      return {
        anyOf: [
          { type: "integer", minimum: 0 },
          { type: "string", pattern: "^\\d{1,19}$" },
        ],
        ...common,
      };
    case "text":
      return { type: "string", maxLength: param.maxLength, ...common };
    case "boolean":
      return { type: "boolean", ...common };
    case "choice":
      return { type: "string", enum: param.options.map((option) => option.value), ...common };
    case "image":
      return { type: "string", pattern: "^(sha256:[0-9a-f]{64}|data:|https?:)", ...common };
    case "loras":
      return { type: "array", items: { type: "object" }, ...common };
    default:
      return { type: "string", ...common };
  }
}
