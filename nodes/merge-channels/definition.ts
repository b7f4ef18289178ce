import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "merge-channels",
  version: 1,
  title: "Merge Channels",
  category: "image",
  description:
    "Makes colour pictures of three grey ones: the brightness of each becomes the red, the green or the blue channel. All three must be of one size; of batches, pictures are paired in order and the shorter batch repeats.",
  aliases: ["RGB", "join", "combine channels", "MergeImageChannels"],
  inputs: [
    { name: "red", type: "image", label: "Red" },
    { name: "green", type: "image", label: "Green" },
    { name: "blue", type: "image", label: "Blue" },
  ],
  outputs: [{ name: "image", type: "image", label: "Image" }],
  params: [],
};
