import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "wildcards",
  version: 1,
  title: "Wildcards",
  category: "utility",
  description:
    "Writes a prompt with choices in it: {red|green|blue} becomes one of them, {2::a|b} takes a twice as often, choices may stand inside choices, and __animals__ becomes a line of the file animals.txt in the folder wildcards of Heddle’s home. The same seed gives the same text; link it to the text of a Prompt.",
  aliases: ["dynamic prompts", "random prompt", "ImpactWildcardProcessor", "choices", "prompt expansion", "variations"],
  inputs: [
    { name: "text", type: "text", label: "Text", optional: true },
    { name: "seed", type: "integer", label: "Seed", optional: true },
  ],
  outputs: [{ name: "text", type: "text", label: "Text" }],
  params: [
    {
      kind: "text",
      name: "text",
      label: "Text",
      role: "prompt",
      multiline: true,
      placeholder: "a {red|green|2::blue} __animals__",
      maxLength: 20_000,
      default: "",
    },
    { kind: "seed", name: "seed", label: "Seed", description: "Which choices are taken.", default: 0 },
  ],
};
