import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, vi } from "vitest";
import type { RgbImage } from "../../engine/types.ts";
import type { JsonValue, WorkflowDocument } from "../../graph/document.ts";
import type { ImageReference, RunEvent } from "../../graph/events.ts";
import { parseWorkflowText } from "../../graph/parse.ts";
import { decodePictureFile } from "../../nodes/picture-file.ts";
import { createLocalServices } from "../../server/services/local-services.ts";

export const templatesFolder = path.join(import.meta.dirname, "../../resources/templates");

export interface Drawn {
  /** Pictures that were saved, in order. */
  readonly saved: readonly RgbImage[];
  readonly files: readonly Uint8Array[];
  /** Pictures at the outputs that were asked for with {@link Template.show}, by "node.port". */
  readonly shown: ReadonlyMap<string, readonly RgbImage[]>;
  /** What the nodes tell, by id. */
  readonly facts: ReadonlyMap<string, Readonly<Record<string, string | number | boolean>>>;
  readonly warnings: readonly string[];
  readonly sessionsCreated: number;
}

/** A template as it is, with changes; none changes what it was made from. */
export interface Template {
  readonly document: WorkflowDocument;
  /** Sets params, as `"node.param": value`. */
  with(params: Readonly<Record<string, JsonValue>>): Template;
  /** Takes what goes into inputs from other outputs, as `"node.input": "node.output"`, or from none. */
  linked(links: Readonly<Record<string, string | undefined>>): Template;
  /** Shows what is at outputs, as "node.port". */
  show(...outputs: readonly string[]): Template;
  draw(): Promise<Drawn>;
}

/**
 * Draws templates as `heddle run` does: the real engine and the starter model, in a folder of the calling test file's own.
 * Sessions stay from one drawing to the next, as they do in the studio.
 */
export async function openTemplates({
  models,
  prepare = async () => undefined,
}: {
  /** Models folders in place of the usual ones; without, the folder `models` in Heddle's own. */
  models?: readonly string[];
  /** Puts models and pictures into Heddle's own folder, before anything is drawn. */
  prepare?: (home: string) => Promise<void>;
} = {}): Promise<(id: string) => Promise<Template>> {
  // Models are opened and pictures drawn, beside other test files.
  vi.setConfig({ testTimeout: 180_000 });
  const home = await mkdtemp(path.join(tmpdir(), "heddle-templates-"));
  const folders = {
    home,
    output: path.join(home, "output"),
    images: path.join(home, "images"),
    models: models ?? [path.join(home, "models")],
  };
  await prepare(home);
  const services = createLocalServices({ folders, previews: false });
  afterAll(async () => {
    await services.dispose();
    await rm(home, { recursive: true, force: true });
  });

  async function draw(document: WorkflowDocument): Promise<Drawn> {
    const events: RunEvent[] = [];
    const { signal } = new AbortController();
    const result = await services.executor.run(document, {
      runId: "run",
      signal,
      onEvent: (event) => events.push(event),
    });
    if (result.status !== "done") throw new Error(`the template ${result.status}: ${JSON.stringify(result.error)}`);
    const finished = events.flatMap((event) => (event.type === "node-finished" ? [event] : []));
    const decode = async ({ hash }: ImageReference): Promise<RgbImage> => {
      const bytes = await services.services.images.read(hash);
      if (!bytes) throw new Error(`the picture ${hash} is gone`);
      const { rgb: data, width, height } = await decodePictureFile(bytes);
      return { width, height, data };
    };
    const saved = result.images.filter((image) => image.path !== undefined);
    const shown = await Promise.all(
      finished
        .filter(({ nodeId }) => nodeId.includes("."))
        .map(async ({ nodeId, images = [] }) => [nodeId, await Promise.all(images.map(decode))] as const),
    );
    return {
      saved: await Promise.all(saved.map(decode)),
      files: await Promise.all(saved.map((image) => readFile(image.path!))),
      shown: new Map(shown),
      facts: new Map(finished.map(({ nodeId, info = {} }) => [nodeId, info])),
      warnings: events.flatMap((event) => (event.type === "node-warning" ? [event.warning.code] : [])),
      sessionsCreated: result.sessionsCreated,
    };
  }

  const asTemplate = (document: WorkflowDocument): Template => ({
    document,
    with: (params) => asTemplate(withParams(document, params)),
    linked: (links) => asTemplate(withLinks(document, links)),
    show: (...outputs) => asTemplate(outputs.reduce(withShown, document)),
    draw: () => draw(document),
  });
  return async (id) => {
    const text = await readFile(path.join(templatesFolder, `${id}.json`), "utf8");
    return asTemplate(parseWorkflowText(text).document);
  };
}

function withParams(document: WorkflowDocument, params: Readonly<Record<string, JsonValue>>): WorkflowDocument {
  const changed = structuredClone(document);
  for (const [place, value] of Object.entries(params)) {
    const [id, name = ""] = place.split(".");
    const node = changed.nodes.find((candidate) => candidate.id === id);
    if (!node) throw new Error(`there is no node ${id}`);
    node.params[name] = value;
  }
  return changed;
}

function withLinks(document: WorkflowDocument, links: Readonly<Record<string, string | undefined>>): WorkflowDocument {
  const changed = structuredClone(document);
  for (const [to, from] of Object.entries(links)) {
    changed.links = changed.links.filter((link) => `${link.to.node}.${link.to.port}` !== to);
    if (from !== undefined) changed.links.push({ id: `${from}-${to}`, from: portOf(from), to: portOf(to) });
  }
  return changed;
}

function withShown(document: WorkflowDocument, output: string): WorkflowDocument {
  const node = { typeVersion: 1, position: { x: 0, y: 0 }, params: {}, mode: "active" as const };
  const changed = { ...document, nodes: [...document.nodes, { ...node, id: output, type: "preview-image" }] };
  const link = { id: `show ${output}`, from: portOf(output), to: { node: output, port: "image" } };
  return { ...changed, links: [...document.links, link] };
}

function portOf(place: string): { node: string; port: string } {
  const at = place.lastIndexOf(".");
  return { node: place.slice(0, at), port: place.slice(at + 1) };
}
