import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "data-uri",
  version: 1,
  title: "Image to Data URI",
  category: "output",
  description:
    "Writes a picture as text that starts with data:image/…;base64, for web pages and for programs that take pictures in JSON. It holds the picture alone, without the workflow. Of several pictures each has a line.",
  aliases: ["base64", "data URL", "sync_mode", "ImageToBase64", "encode"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [{ name: "text", type: "text", label: "Data URI" }],
  params: [
    {
      kind: "choice",
      name: "format",
      label: "Format",
      default: "png",
      options: [
        { value: "png", label: "PNG" },
        { value: "jpeg", label: "JPEG" },
        { value: "webp", label: "WebP" },
      ],
    },
    {
      kind: "integer",
      name: "quality",
      label: "Quality",
      default: 92,
      min: 20,
      max: 100,
      step: 1,
      display: "slider",
      visibleWhen: { param: "format", equals: ["jpeg", "webp"] },
    },
  ],
};
