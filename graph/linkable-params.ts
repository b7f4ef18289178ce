import type { NodeDefinition, ParamDefinition, PortDefinition, PortType } from "./definition.ts";

/** What a link has to carry to take the place of a param's value. */
const TYPE_OF_KIND: Partial<Record<ParamDefinition["kind"], PortType>> = {
  number: "number",
  integer: "integer",
  seed: "integer",
  text: "text",
  boolean: "boolean",
  choice: "text",
  model: "text",
  image: "text",
};

/** The input socket that a param can be; `undefined` for a list of LoRAs, which no link carries. */
export function portOfParam(param: ParamDefinition): PortDefinition | undefined {
  const type = TYPE_OF_KIND[param.kind];
  if (!type) return undefined;
  const { name, label, description } = param;
  return { name, type, label, optional: true, ...(description === undefined ? {} : { description }) };
}

/** An input of a node by name: one that its definition lists, or else a param as a socket. */
export function findInput(definition: NodeDefinition, name: string): PortDefinition | undefined {
  const input = definition.inputs.find((port) => port.name === name);
  if (input || definition.isAnnotation) return input;
  const param = definition.params.find((candidate) => candidate.name === name);
  return param && portOfParam(param);
}

/** Everything that a link can go to: the inputs, then the params that are none. */
export function linkableInputs(definition: NodeDefinition): PortDefinition[] {
  const names = new Set(definition.inputs.map(({ name }) => name));
  const params = definition.isAnnotation ? [] : definition.params.filter(({ name }) => !names.has(name));
  return [...definition.inputs, ...params.flatMap((param) => portOfParam(param) ?? [])];
}
