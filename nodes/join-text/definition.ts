import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "join-text",
  version: 1,
  title: "Join Text",
  category: "utility",
  description:
    "Puts pieces of text together, with a separator between them. Pieces that are not linked or empty are left out, so that no separator stands alone.",
  aliases: ["concatenate", "StringConcatenate", "append", "combine", "Text Concatenate"],
  inputs: ["a", "b", "c", "d"].map((name) => ({ name, type: "text", label: name, optional: true })),
  outputs: [{ name: "text", type: "text", label: "Text" }],
  params: [
    {
      kind: "text",
      name: "separator",
      label: "Separator",
      description: "\\n stands for a new line.",
      maxLength: 100,
      default: ", ",
    },
  ],
};
