import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "combine-images",
  version: 1,
  title: "Combine Images",
  category: "image",
  description:
    "Puts pictures from several places into one batch, in order: the first, then the second, and so on. They may be of different sizes; what needs one size says so.",
  aliases: ["ImageBatch", "batch", "join", "list", "append"],
  inputs: [
    { name: "first", type: "image", label: "First" },
    { name: "second", type: "image", label: "Second", optional: true },
    { name: "third", type: "image", label: "Third", optional: true },
    { name: "fourth", type: "image", label: "Fourth", optional: true },
  ],
  outputs: [{ name: "image", type: "image", label: "Images" }],
  params: [],
};
