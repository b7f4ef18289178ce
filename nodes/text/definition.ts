import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "text",
  version: 1,
  title: "Text",
  category: "utility",
  description:
    "A piece of text, to be used in several places at once: a prompt for several pictures, labels for a contact sheet, a part of a longer prompt.",
  aliases: ["string", "primitive", "PrimitiveString", "PrimitiveStringMultiline", "constant"],
  inputs: [],
  outputs: [{ name: "value", type: "text", label: "Value" }],
  params: [
    {
      kind: "text",
      name: "text",
      label: "Text",
      multiline: true,
      maxLength: 20_000,
      default: "",
    },
  ],
};
