import type { Template } from "../../protocol/contract.ts";

/** What templates are for, in the order in which the start page shows them, and the templates of each in theirs. */
export const TEMPLATE_GROUPS = {
  words: [
    "text-to-image",
    "text-to-image-base",
    "prompt-builder",
    "wildcards",
    "prompt-list",
    "mixed-prompts",
    "expand-prompt",
    "seed-variance",
    "seamless",
    "accelerated",
  ],
  pictures: [
    "image-to-image",
    "inpaint",
    "inpaint-by-hand",
    "inpaint-zoom",
    "masks",
    "outpaint",
    "one-by-one",
    "folder",
  ],
  size: ["hires-fix", "upscale", "upscale-with-model", "face-refinement"],
  loras: ["lora", "lora-compare", "lora-weights", "lora-lab"],
  layout: ["controlnet", "depth", "edges-and-colours"],
  tools: ["settings-compared", "contact-sheet", "channels", "safety-check"],
} as const;
export type TemplateGroup = keyof typeof TEMPLATE_GROUPS | "others";

/** Templates that do nothing before a person puts a model of their own into a folder. */
const NEEDS_MODEL: ReadonlySet<string> = new Set([
  "controlnet",
  "depth",
  "face-refinement",
  "safety-check",
  "upscale-with-model",
]);

export const needsModel = ({ id }: Template): boolean => NEEDS_MODEL.has(id);

/** The templates in their groups; those that no group knows come last. Groups without templates are left out. */
export function groupTemplates(templates: readonly Template[]): { group: TemplateGroup; templates: Template[] }[] {
  const byId = new Map(templates.map((template) => [template.id, template]));
  const take = (id: string) => {
    const template = byId.get(id);
    byId.delete(id);
    return template ?? [];
  };
  const known = Object.entries(TEMPLATE_GROUPS).map(([group, ids]) => ({
    group: group as TemplateGroup,
    templates: ids.flatMap(take),
  }));
  return [...known, { group: "others" as const, templates: [...byId.values()] }].filter(
    (one) => one.templates.length > 0,
  );
}
