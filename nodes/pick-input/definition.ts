import type { NodeDefinition, PortDefinition } from "../../graph/definition.ts";

const names = ["first", "second", "third", "fourth", "fifth", "sixth"];

export const definition: NodeDefinition = {
  type: "pick-input",
  version: 1,
  title: "Pick Input",
  category: "utility",
  description:
    "Passes one of up to six values on, whatever they are, by its number: 1 is the first input. All that is linked is computed; mute the nodes of an input to save its time.",
  aliases: ["switch", "index", "select", "multiplexer", "ImpactSwitch", "choose"],
  inputs: [
    ...names.map((name, i): PortDefinition => ({ name, type: "any", label: `${i + 1}`, optional: true })),
    { name: "position", type: "integer", label: "Position", optional: true },
  ],
  outputs: [{ name: "value", type: "any", label: "Value" }],
  params: [
    {
      kind: "integer",
      name: "position",
      label: "Position",
      description: "Which input is passed on.",
      default: 1,
      min: 1,
      max: names.length,
      step: 1,
    },
  ],
};
