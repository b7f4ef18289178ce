import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "xy-grid",
  version: 1,
  title: "XY Grid",
  category: "image",
  description:
    "Makes a table of pictures that were drawn with the items of lists: the first list runs across, the second down, each with its values as headings; of further lists every combination becomes a sheet of its own. Link a Number List to the steps, guidance or weight that is to be compared, and the pictures to this node.",
  aliases: ["XY plot", "comparison", "matrix", "grid", "sweep", "Efficiency XY Plot", "table", "contact sheet"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [{ name: "image", type: "image", label: "Sheets" }],
  params: [
    {
      kind: "boolean",
      name: "transpose",
      label: "Swap axes",
      description: "The first list runs down, the second across.",
      default: false,
    },
    {
      kind: "integer",
      name: "fontSize",
      label: "Letter height",
      unit: "px",
      default: 16,
      min: 6,
      max: 200,
      step: 1,
    },
    { kind: "integer", name: "gap", label: "Gap", unit: "px", default: 8, min: 0, max: 200, step: 1 },
    {
      kind: "text",
      name: "background",
      label: "Background",
      description: "A colour as six hexadecimal digits: #202024.",
      placeholder: "#202024",
      maxLength: 7,
      minLength: 7,
      default: "#202024",
    },
  ],
};
