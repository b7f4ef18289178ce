import { readdir, readFile } from "node:fs/promises";
import { join, parse } from "node:path";
import type { WorkflowDocument } from "../../../graph/document.ts";
import { parseWorkflowText } from "../../../graph/parse.ts";
import type { Template } from "../../../protocol/contract.ts";

export interface CatalogEntry {
  /** Stands in the address. */
  name: string;
  document: WorkflowDocument;
}

const MOST_FILES = 1_000;

/** The workflows that can be run by name: the files of a folder, and the templates that Heddle comes with. */
export class WorkflowCatalog {
  readonly #folder: string;
  readonly #templates: () => Promise<Template[]>;

  constructor(folder: string, templates: () => Promise<Template[]>) {
    this.#folder = folder;
    this.#templates = templates;
  }

  /** A file goes before a template of the same name; one that is no workflow is left out. */
  async list(): Promise<CatalogEntry[]> {
    const names = (await this.#files()).map((file) => parse(file).name);
    const own = await Promise.all(names.map((name) => this.#read(name)));
    const templates = (await this.#templates()).map(({ id: name, document }) => ({ name, document }));
    return [...own.flatMap((entry) => entry ?? []), ...templates.filter(({ name }) => !names.includes(name))];
  }

  /** `undefined` when there is none. The name is looked for among the files that there are; it never becomes a path. */
  async find(name: string): Promise<CatalogEntry | undefined> {
    if ((await this.#files()).includes(`${name}.json`)) return this.#read(name);
    const template = (await this.#templates()).find(({ id }) => id === name);
    return template && { name, document: template.document };
  }

  async #files(): Promise<string[]> {
    const entries = await readdir(this.#folder, { withFileTypes: true }).catch(() => []);
    const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".json"));
    return files
      .map(({ name }) => name)
      .sort()
      .slice(0, MOST_FILES);
  }

  async #read(name: string): Promise<CatalogEntry | undefined> {
    try {
      const { document } = parseWorkflowText(await readFile(join(this.#folder, `${name}.json`), "utf8"));
      return { name, document };
    } catch {
      return undefined;
    }
  }
}
