import { z } from "zod";
import {
  type ChoiceParam,
  type NodeDefinition,
  type ParamDefinition,
  type PortDefinition,
  type PortType,
  portTypes,
} from "./definition.ts";
import type { WorkflowNode } from "./document.ts";

/** The words of a definition: under which node type and name other languages have them, and the English ones. */
const words = {
  type: z.string().optional(),
  name: z.string(),
  label: z.string(),
  /** A person gave it the label that it has. */
  renamed: z.boolean().optional(),
};
const nodeTerm = z.object({
  term: z.literal("node"),
  title: z.string(),
  /** Only where the title is that of the definition, and not a person's own. */
  type: z.string().optional(),
  /** Where it says more than the title. */
  id: z.string().optional(),
});
const paramTerm = z.object({ term: z.literal("param"), ...words });

/**
 * Something that a problem's sentence names or counts, as data among the problem's details: interfaces in other languages
 * have words of their own for it.
 */
export const termSchema = z.discriminatedUnion("term", [
  nodeTerm,
  paramTerm,
  z.object({ term: z.literal("input"), ...words }),
  z.object({ term: z.literal("output"), ...words }),
  z.object({ term: z.literal("option"), ...words, value: z.string() }),
  /** Words of the program's own: `common/words.ts`. */
  z.object({ term: z.literal("words"), words: z.string(), at: z.string().optional() }),
  z.object({ term: z.literal("port-type"), type: z.enum(portTypes) }),
  z.object({ term: z.literal("param-of-node"), node: nodeTerm, param: paramTerm }),
  z.object({ term: z.literal("linked-value"), param: paramTerm }),
  z.object({
    term: z.literal("numbers"),
    min: z.number(),
    max: z.number(),
    isWhole: z.boolean(),
    multipleOf: z.number().optional(),
    unit: z.string().optional(),
  }),
]);

export type Term = z.infer<typeof termSchema>;
export type NodeTerm = z.infer<typeof nodeTerm>;

/** A node as people know it: its title, and its id where that says more. */
export function nodeTermOf(node: WorkflowNode, definition: NodeDefinition | undefined): NodeTerm {
  const title = node.title || definition?.title || node.type;
  return {
    term: "node",
    title,
    ...(node.title ? {} : { type: node.type }),
    ...(title.toLowerCase() === node.id.toLowerCase() ? {} : { id: node.id }),
  };
}

/** The English words of {@link nodeTermOf}. */
export function nameOf({ title, id }: NodeTerm): string {
  return id === undefined ? title : `${title} (${id})`;
}

/** Params of subgraphs have the words of those inside that they stand for, unless somebody gave them others. */
export function paramTermOf({ type }: NodeDefinition, param: ParamDefinition): z.infer<typeof paramTerm> {
  const { name, label, origin } = param;
  const renamed = origin?.renamed ? { renamed: true } : {};
  return { term: "param", type: origin?.type ?? type, name: origin?.param ?? name, label, ...renamed };
}

/** An input that stands for a param is called as that is. */
export function inputTermOf(definition: NodeDefinition, { name, label }: PortDefinition): Term {
  const param = definition.params.find((candidate) => candidate.name === name);
  const isListed = definition.inputs.some((port) => port.name === name);
  return param && !isListed ? paramTermOf(definition, param) : { term: "input", type: definition.type, name, label };
}

export function outputTermOf({ type }: NodeDefinition, { name, label }: PortDefinition): Term {
  return { term: "output", type, name, label };
}

/** The options of a param; `subject` is what a sentence about it is about. */
export function optionTermsOf({ name, options }: ChoiceParam, subject: Term | string): Term[] {
  const param = typeof subject === "object" && "param" in subject ? subject.param : { type: undefined, name };
  return options.map(({ value, label }) => ({ term: "option", type: param.type, name: param.name, value, label }));
}

export function portTypeTerm(type: PortType): Term {
  return { term: "port-type", type };
}
