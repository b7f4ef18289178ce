import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "load-image",
  version: 1,
  title: "Load Image",
  category: "image",
  description:
    "Brings a picture of yours into the workflow: choose, drop or paste it. PNG, JPEG, WebP, GIF (first frame), TIFF and AVIF are read, turned the way up that the camera noted. The mask marks the transparent parts of the picture as what is to be repainted. Workflows hold only the picture’s hash, so that they can reach no other file.",
  aliases: ["LoadImage", "LoadImageMask", "input", "photo", "upload", "file", "picture", "img2img"],
  inputs: [],
  outputs: [
    { name: "image", type: "image", label: "Image" },
    { name: "mask", type: "mask", label: "Mask", description: "1 where the picture is transparent, else 0." },
    { name: "width", type: "integer", label: "Width" },
    { name: "height", type: "integer", label: "Height" },
  ],
  params: [{ kind: "image", name: "image", label: "Picture", default: "" }],
};
