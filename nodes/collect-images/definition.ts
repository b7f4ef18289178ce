import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "collect-images",
  version: 1,
  title: "Collect Images",
  category: "utility",
  description:
    "Ends what a list began: waits for the pictures of all its items and puts them into one batch, in the list’s order. What hangs on it runs once again.",
  aliases: ["end loop", "list to batch", "gather", "ImageListToImageBatch", "join"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [{ name: "image", type: "image", label: "Images" }],
  params: [],
};
