import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "pick-image",
  version: 1,
  title: "Pick Images",
  category: "image",
  description:
    "Takes pictures out of a batch: one, or several that follow each other. They are counted from 1; a number below 0 counts from the end, so that -1 is the last picture.",
  aliases: ["ImageFromBatch", "select", "index", "batch", "first", "last"],
  inputs: [
    { name: "image", type: "image", label: "Images" },
    { name: "position", type: "integer", label: "Position", optional: true },
  ],
  outputs: [{ name: "image", type: "image", label: "Image" }],
  params: [
    {
      kind: "integer",
      name: "position",
      label: "Position",
      description: "1 is the first picture, -1 the last.",
      default: 1,
      min: -1000,
      max: 1000,
      step: 1,
    },
    {
      kind: "integer",
      name: "count",
      label: "Pictures",
      description: "How many, from there on.",
      default: 1,
      min: 1,
      max: 1000,
      step: 1,
    },
  ],
};
