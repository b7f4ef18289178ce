import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "repeat-image",
  version: 1,
  title: "Repeat Image",
  category: "image",
  description:
    "Lays a picture several times side by side and below each other, as a tiled floor: the way to see whether a seamless picture has seams.",
  aliases: ["tiled preview", "tile", "RepeatImage", "ImageTile", "pattern", "wallpaper"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [{ name: "image", type: "image", label: "Image" }],
  params: [
    { kind: "integer", name: "columns", label: "Columns", default: 2, min: 1, max: 8, step: 1 },
    { kind: "integer", name: "rows", label: "Rows", default: 2, min: 1, max: 8, step: 1 },
  ],
};
