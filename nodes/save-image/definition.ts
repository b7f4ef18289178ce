import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "save-image",
  version: 1,
  title: "Save Image",
  category: "output",
  description:
    "Saves pictures as ordinary files in the output folder; nothing is ever overwritten. The workflow and its settings travel inside the file (unless switched off), so that opening the picture brings the workflow back. The name may contain %date%, %time%, %prompt%, %seed%, %width%, %height% and %counter%, and / for folders.",
  aliases: ["SaveImage", "export", "file", "PNG", "JPEG", "WebP", "output"],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [],
  params: [
    {
      kind: "choice",
      name: "format",
      label: "Format",
      default: "png",
      options: [
        { value: "png", label: "PNG", description: "Exact" },
        { value: "jpeg", label: "JPEG", description: "Small, opens everywhere" },
        { value: "webp", label: "WebP", description: "Smaller still" },
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
    {
      kind: "text",
      name: "name",
      label: "Name",
      role: "file-name-pattern",
      description: "%date% %time% %prompt% %seed% %width% %height% %counter%; / makes folders.",
      minLength: 1,
      maxLength: 300,
      default: "%date%/%prompt%-%seed%-%counter%",
    },
    {
      kind: "boolean",
      name: "metadata",
      label: "Embed workflow",
      description: "Keeps the workflow and its settings inside the file. Switch it off before giving pictures away.",
      default: true,
      advanced: true,
    },
  ],
  isOutput: true,
};
