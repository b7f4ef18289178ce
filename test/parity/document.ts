import type { NodeDefinition } from "../../graph/definition.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { type Carried, type Endpoint, endpoints } from "./parameters.ts";

/** `docs/parity.md`: a table for each endpoint, a row for each parameter. */
export function parityDocument(): string {
  const tables = merged(endpoints).map(
    ({ title, parameters }) => `## ${title}

| parameter | range | node | field | shown by |
| --- | --- | --- | --- | --- |
${parameters.map(({ name, range, carried }) => row(name, range, carried)).join("\n")}
`,
  );
  return `# Parity with the hosted services

Every parameter of fal's Z-Image endpoints and of Runware's Z-Image model, the node and the field that carry it, and the test
that shows it. What concerns the delivery of results is taken by the local interfaces ([api.md](api.md)).

This page is written by \`npm run parity\` from \`test/parity/parameters.ts\`. The tests there fail when a parameter of the
services' own types is missing, when a node or a field is gone, when a field takes less than the service does, and when a
test that is named here does not exist.

${tables.join("\n")}`;
}

/** Endpoints that differ in LoRAs only share a table. */
function merged(all: readonly Endpoint[]) {
  return all
    .filter(({ name }) => !name.endsWith("/lora"))
    .map((endpoint) => {
      const withLoras = all.find(({ name }) => name === `${endpoint.name}/lora`);
      const names = [endpoint, withLoras].flatMap((one) => (one ? [`\`${one.name}\``] : []));
      const title = endpoint.name.includes("/") ? names.join(" and ") : endpoint.name;
      return { title: `${endpoint.service}: ${title}`, parameters: (withLoras ?? endpoint).parameters };
    });
}

function row(name: string, range: string, carried: readonly Carried[]): string {
  const unique = <T>(values: readonly T[]) => [...new Set(values)];
  const nodes = unique(carried.map(({ place }) => ("node" in place ? titleOf(place.node) : `${place.door} interface`)));
  const fields = carried.map(({ place }) => {
    if (!("node" in place)) return place.note;
    const words = `${fieldLabel(place.node, place.field)} (\`${place.node}.${place.field}\`)`;
    return place.note === undefined ? words : `${words}: ${place.note}`;
  });
  const tests = unique(carried.map(({ place }) => `\`${place.shown.file}\`: ${place.shown.name}`));
  return `| \`${name}\` | ${range} | ${nodes.join(", ")} | ${unique(fields).join("; ")} | ${tests.join("; ")} |`;
}

const titleOf = (type: string) => findDefinition(type)?.title ?? type;

/** What the field is called on its node. */
function fieldLabel(type: string, field: string): string {
  return fieldsOf(findDefinition(type)).find(({ name }) => name === field)?.label ?? field;
}

/** Params, inputs and outputs of a node. */
export function fieldsOf(definition: NodeDefinition | undefined): readonly { name: string; label: string }[] {
  return definition ? [...definition.params, ...definition.inputs, ...definition.outputs] : [];
}
