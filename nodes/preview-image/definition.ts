import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "preview-image",
  version: 1,
  title: "Preview Image",
  category: "output",
  description: "Shows pictures on the node without saving them to the output folder.",
  aliases: ["PreviewImage", "show", "view", "display"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [],
  params: [],
  isOutput: true,
};
