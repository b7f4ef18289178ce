import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "replace-text",
  version: 1,
  title: "Replace Text",
  category: "utility",
  description:
    "Replaces every place where some text stands with another text. What is looked for is taken literally, letter by letter; with nothing to look for the text stays as it is.",
  aliases: ["StringReplace", "find", "substitute", "Text Find and Replace"],
  inputs: [
    { name: "text", type: "text", label: "Text" },
    { name: "find", type: "text", label: "Find", optional: true },
    { name: "replacement", type: "text", label: "Replace with", optional: true },
  ],
  outputs: [{ name: "text", type: "text", label: "Text" }],
  params: [
    { kind: "text", name: "find", label: "Find", maxLength: 2000, default: "" },
    { kind: "text", name: "replacement", label: "Replace with", maxLength: 2000, default: "" },
    { kind: "boolean", name: "ignoreCase", label: "Ignore case", default: false },
  ],
};
