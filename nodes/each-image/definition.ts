import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "each-image",
  version: 1,
  title: "For Each Image",
  category: "utility",
  description:
    "Takes the pictures of a batch one by one: whatever hangs on them runs once for each, so that pictures of different sizes and shapes can all be worked on. Collect Images puts the results into one batch again.",
  aliases: ["loop", "iterate", "unbatch", "ImageFromBatch", "batch to list", "ImageBatchToImageList"],
  inputs: [{ name: "image", type: "image", label: "Images" }],
  outputs: [
    { name: "image", type: "image", label: "Image" },
    { name: "number", type: "integer", label: "Number", description: "1 for the first picture." },
  ],
  params: [],
};
