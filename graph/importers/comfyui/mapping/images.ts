import { rule } from "./simple-rule.ts";
import type { MappingRule } from "./types.ts";

export const imageRules: readonly MappingRule[] = [
  rule("SaveImage", {
    to: "save-image",
    params: { name: { widget: "filename_prefix", read: readPrefix } },
    fixed: { format: "png", metadata: true },
    inputs: { image: "images" },
  }),
  rule("PreviewImage", { to: "preview-image", inputs: { image: "images" } }),
  rule("LoadImage", {
    to: "load-image",
    outputs: ["image", "mask"],
    silent: ["image", "upload"],
    notes: ({ values }) => [
      {
        message:
          typeof values.image === "string"
            ? `The picture "${values.image}" is not part of the file.`
            : "The picture is not part of the file.",
        help: "Drop your copy of it onto the Load Image node.",
        field: "image",
      },
    ],
  }),
  rule(["Note", "MarkdownNote", "Note Plus (mtb)"], { to: "note", params: { text: "text" } }),
];

/**
 * ComfyUI puts a counter behind the prefix and fills in `%date:yyyy-MM-dd%` and `%NodeName.widget%`; the date and the
 * seed have an equal here.
 */
function readPrefix(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const pattern = value
    .replaceAll("\\", "/")
    .replace(/%date(:[^%]*)?%/gi, "%date%")
    .replace(/%(year|month|day)%/gi, "%date%")
    .replace(/%[^%.]+\.(noise_)?seed%/gi, "%seed%")
    .replace(/\/+$/, "");
  return `${pattern === "" ? "ComfyUI" : pattern}-%counter%`;
}
