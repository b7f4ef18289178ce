import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseWorkflowText } from "../../graph/parse.ts";
import type { Template } from "../../protocol/contract.ts";

/** The workflow that a new window opens with; it leads the list. */
const DEFAULT_TEMPLATE = "text-to-image";

/** The templates of a folder: every `.json` in it is a workflow, its title and description are the template's. */
export async function listTemplates(folder: string): Promise<Template[]> {
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith(".json")).sort();
  const templates = await Promise.all(
    files.map(async (file): Promise<Template> => {
      const { document } = parseWorkflowText(await readFile(join(folder, file), "utf8"));
      return { id: basename(file, ".json"), title: document.title, description: document.description ?? "", document };
    }),
  );
  const isDefault = (template: Template) => template.id === DEFAULT_TEMPLATE;
  return [...templates.filter(isDefault), ...templates.filter((template) => !isDefault(template))];
}
