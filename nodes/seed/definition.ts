import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "seed",
  version: 1,
  title: "Seed",
  category: "utility",
  description:
    "A seed, from 0 to 9223372036854775807 and exact, to be used in several places at once: for the noise of several Samplers, and for the choices of Wildcards.",
  aliases: ["random", "noise seed", "primitive", "seed generator"],
  inputs: [],
  outputs: [{ name: "value", type: "integer", label: "Value" }],
  params: [{ kind: "seed", name: "seed", label: "Seed", default: 0 }],
};
