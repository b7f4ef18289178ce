import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "text-list",
  version: 1,
  title: "Text List",
  category: "utility",
  description:
    "Several texts, one a line: whatever hangs on them runs once for each, a Prompt for each line, or a Sampler for each solver. Two lists that meet in a node are crossed. Empty lines do not count. XY Grid makes a table of the pictures.",
  aliases: ["for each", "loop", "prompts from file", "lines", "sweep", "matrix", "prompt S/R"],
  inputs: [
    { name: "text", type: "text", label: "Text", description: "Takes the place of the lines here.", optional: true },
  ],
  outputs: [{ name: "text", type: "text", label: "Texts" }],
  params: [
    {
      kind: "text",
      name: "text",
      label: "Texts",
      description: "One a line.",
      multiline: true,
      maxLength: 100_000,
      default: "",
    },
    {
      kind: "text",
      name: "title",
      label: "Heading",
      description: "What the texts are, for the headings of an XY Grid.",
      maxLength: 60,
      default: "",
    },
  ],
};
