import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "split-channels",
  version: 1,
  title: "Split Channels",
  category: "image",
  description:
    "Takes pictures apart into their red, green and blue channels, each as a grey picture of the same size. Merge Channels puts them together again, in the same order or another.",
  aliases: ["RGB", "separate", "SplitImageChannels", "decompose"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [
    { name: "red", type: "image", label: "Red" },
    { name: "green", type: "image", label: "Green" },
    { name: "blue", type: "image", label: "Blue" },
  ],
  params: [],
};
