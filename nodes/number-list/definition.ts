import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "number-list",
  version: 1,
  title: "Number List",
  category: "utility",
  description:
    "Several numbers, one after the other: whatever hangs on them runs once for each. Two lists that meet in a node are crossed, every number of one with every number of the other. Write numbers with commas or on lines of their own, and ranges as 1..8 or 0.2..1/0.2. Seeds stay exact. XY Grid makes a table of the pictures.",
  aliases: ["for each", "loop", "sweep", "iterate", "XY plot", "range", "seeds", "matrix", "PrimitiveList"],
  inputs: [],
  outputs: [
    { name: "integer", type: "integer", label: "Whole numbers", description: "Only where all of them are whole." },
    { name: "number", type: "number", label: "Numbers" },
  ],
  params: [
    {
      kind: "text",
      name: "values",
      label: "Numbers",
      description: "1, 2, 4 or 1..8 or 0.2..1/0.2",
      multiline: true,
      minLength: 1,
      maxLength: 10_000,
      default: "1, 2, 4, 8",
    },
    {
      kind: "text",
      name: "title",
      label: "Heading",
      description: "What the numbers are, for the headings of an XY Grid.",
      placeholder: "Steps",
      maxLength: 60,
      default: "",
    },
  ],
};
