import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "note",
  version: 1,
  title: "Note",
  category: "utility",
  description: "A note on the canvas, in Markdown, for whoever opens the workflow next. It takes no part in a run.",
  aliases: ["comment", "text", "MarkdownNote"],
  inputs: [],
  outputs: [],
  params: [
    {
      kind: "text",
      name: "text",
      label: "Text",
      role: "markdown",
      multiline: true,
      placeholder: "Write a note…",
      maxLength: 20_000,
      default: "",
    },
  ],
  isAnnotation: true,
};
