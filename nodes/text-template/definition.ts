import type { NodeDefinition, PortDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "text-template",
  version: 1,
  title: "Text Template",
  category: "utility",
  description:
    "Fills values into a text: {{a}}, {{b}}, {{c}} and {{d}} become what is linked to these inputs, be it text, a number or a truth value. Braces around other names stay as they are.",
  aliases: ["format", "string format", "placeholder", "fill in", "prompt template", "StringFormat"],
  inputs: [
    ...["a", "b", "c", "d"].map((name): PortDefinition => ({ name, type: "any", label: name, optional: true })),
    { name: "template", type: "text", label: "Template", optional: true },
  ],
  outputs: [{ name: "text", type: "text", label: "Text" }],
  params: [
    {
      kind: "text",
      name: "template",
      label: "Template",
      placeholder: "a photo of {{a}} in {{b}}",
      multiline: true,
      maxLength: 20_000,
      default: "{{a}}",
    },
  ],
};
