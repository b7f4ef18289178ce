import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "reroute",
  version: 1,
  title: "Reroute",
  category: "utility",
  description:
    "Passes on what it is given, whatever that is: a bend in a link, to lead it around other nodes, or one place from which many links start.",
  aliases: ["pass through", "bend", "wire", "dot", "relay"],
  inputs: [{ name: "value", type: "any", label: "Value" }],
  outputs: [{ name: "value", type: "any", label: "Value" }],
  params: [],
};
