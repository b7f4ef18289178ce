import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import type { RgbImage } from "../../engine/types.ts";
import type { JsonValue } from "../../graph/document.ts";
import type { RunEvent } from "../../graph/events.ts";
import { parseWorkflowText } from "../../graph/parse.ts";
import { createLocalServices } from "../../server/services/local-services.ts";

const templates = fileURLToPath(new URL("../../resources/templates/", import.meta.url));

export interface TemplateRun {
  /** Pictures shown or saved, by node. */
  readonly pictures: Readonly<Record<string, readonly RgbImage[]>>;
  /** Facts shown on nodes. */
  readonly info: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;
}

/** Runs templates on the real engine, in a folder of their own; `models` is an empty models folder. */
export async function openTemplateRunner() {
  const folder = await mkdtemp(path.join(tmpdir(), "heddle-templates-"));
  const models = path.join(folder, "models");
  const folders = {
    home: folder,
    output: path.join(folder, "out"),
    images: path.join(folder, "images"),
    models: [models],
  };
  const local = createLocalServices({ folders, previews: false });
  return {
    folder,
    models,
    /**
     * @param changes params as `"node.param": value`
     * @param modes.active ids of nodes that are muted in the template
     */
    async run(
      template: string,
      changes: Readonly<Record<string, JsonValue>> = {},
      { active = [] }: { active?: readonly string[] } = {},
    ): Promise<TemplateRun> {
      const { document } = parseWorkflowText(await readFile(path.join(templates, `${template}.json`), "utf8"));
      for (const [key, value] of Object.entries(changes)) {
        const [id, name = ""] = key.split(".");
        document.nodes.find((node) => node.id === id)!.params[name] = value;
      }
      for (const node of document.nodes) if (active.includes(node.id)) node.mode = "active";
      const events: RunEvent[] = [];
      const { signal } = new AbortController();
      const { error } = await local.executor.run(document, {
        ...{ runId: "test", signal },
        onEvent: (event) => events.push(event),
      });
      if (error !== undefined) throw new Error(`${error.code}: ${error.message}`);
      const pictures: Record<string, RgbImage[]> = {};
      const info: Record<string, Record<string, string | number | boolean>> = {};
      for (const event of events) {
        if (event.type !== "node-finished") continue;
        info[event.nodeId] = event.info ?? {};
        const files = await Promise.all((event.images ?? []).map(({ hash }) => local.services.images.read(hash)));
        pictures[event.nodeId] = await Promise.all(files.filter((file) => file !== undefined).map(decoded));
      }
      return { pictures, info };
    },
    async close(): Promise<void> {
      await local.dispose();
      await rm(folder, { recursive: true });
    },
  };
}

async function decoded(file: Uint8Array): Promise<RgbImage> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}
